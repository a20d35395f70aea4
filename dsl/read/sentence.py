"""A line as far as it was read: every step of the reading takes one and gives the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.help.suggestions import Suggestions
from dsl.language.fr.constructs import CLAUSES, RULES, SECTIONS
from dsl.language.lexeme import Lexeme
from dsl.phrases.catalogue import Catalogue, PhraseForm
from dsl.phrases.trie import Match
from dsl.read.lines import Line
from dsl.tree.tokens import Token

#: The lines of the head of a campaign; those that its head may go on after.
_HEAD = CLAUSES | SECTIONS | RULES | {"HEADER"}
_WITHIN_HEAD = _HEAD | {"CAMPAIGN", "ITEM"}


class Sentence(NamedTuple):
    """`at` is the index of the next lexeme; `broken`, whether something was said of the line."""

    lexemes: Sequence[Lexeme]
    keyword: str | None = None
    at: int = 0
    tokens: tuple[Token, ...] = ()
    found: tuple[Diagnostic, ...] = ()
    broken: bool = False

    @property
    def ended(self) -> bool:
        """Whether every lexeme was read."""
        return self.at >= len(self.lexemes)

    @property
    def next(self) -> Lexeme:
        """The first lexeme not read yet; IndexError at the end."""
        return self.lexemes[self.at]

    @property
    def rest(self) -> Sequence[Lexeme]:
        """What remains to be read."""
        return self.lexemes[self.at :]

    @property
    def last(self) -> str:
        """The kind of the token read last."""
        return self.tokens[-1].type if self.tokens else ""

    def before(self, end: int) -> int:
        """Where the words before a lexeme end, which is where the line begins when none are."""
        return self.lexemes[end - 1].end if end else self.lexemes[0].start

    def to(self, at: int) -> "Sentence":
        """Go on at that lexeme."""
        return Sentence._make(
            (self.lexemes, self.keyword, at, self.tokens, self.found, self.broken)
        )

    def of(self, keyword: str | None, at: int) -> "Sentence":
        """The same words, read as another construct."""
        return Sentence(self.lexemes, keyword, at, self.tokens, self.found, self.broken)

    def plus(self, token: Token, at: int | None = None) -> "Sentence":
        """One more token, read up to `at`."""
        tokens = (*self.tokens, token)
        at = self.at if at is None else at
        # Twice as quick as the constructor, and the step most often made.
        return Sentence._make((self.lexemes, self.keyword, at, tokens, self.found, self.broken))

    def bad(self, span: Span) -> "Sentence":
        """A stretch that makes no token: the parser goes on after the line."""
        return self.plus(Token("_BAD", span.start, span.end), len(self.lexemes))

    def reported(self, *diagnostics: Diagnostic) -> "Sentence":
        """What is wrong with it, whatever was said before."""
        if not diagnostics:
            return self
        return self._replace(found=(*self.found, *diagnostics), broken=True)

    def fault(
        self,
        code: str,
        span: Span,
        message: str,
        fixes: tuple[Fix, ...] = (),
        *,
        plain: str | None = None,
    ) -> "Sentence":
        """What is wrong with it, unless something was said already."""
        if self.broken:
            return self
        return self.reported(Diagnostic(code, Severity.ERROR, span, message, fixes, plain=plain))


def span_of(lexemes: Sequence[Lexeme]) -> Span:
    """Where some lexemes stand."""
    return Span(lexemes[0].start, lexemes[-1].end)


@dataclass(frozen=True, slots=True)
class SentenceSource:
    """A text, and what its lines are read with."""

    text: str
    catalogue: Catalogue
    suggestions: Suggestions
    first_words: frozenset[str]

    @classmethod
    def of(cls, text: str, catalogue: Catalogue) -> "SentenceSource":
        """Ready to read sentences of `text`, with the phrases of a catalogue."""
        suggestions = Suggestions(catalogue, text)
        return cls(text, catalogue, suggestions, catalogue.first_words())

    def phrase(self, lexemes: Sequence[Lexeme], index: int = 0) -> Match[PhraseForm] | None:
        """The longest phrase of the catalogue at that index."""
        return self.catalogue.longest(self.text, lexemes, index)

    def said(self, span: Span) -> str:
        """A stretch of the text."""
        return self.text[span.start : span.end]


class Around(NamedTuple):
    """What stands around a line: it decides of some of them what they are."""

    #: The construct of the line before.
    before: str | None = None
    below: Line | None = None
    #: How many conditions were listed above, one a line; None outside a list.
    listed: int | None = None

    @property
    def heads(self) -> bool:
        """Whether the head of a campaign goes on below: no action stands there."""
        below = self.below.keyword if self.below is not None else None
        return self.before in _WITHIN_HEAD and below in _HEAD
