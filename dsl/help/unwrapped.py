"""A phrase whose values lack their parentheses: where each value must be for the words to fit.

The commonest slip of all: « Champ lead ville est égal à Montréal ». The words of the phrase are
all there; what stands between them is the author's values, which are only to be wrapped. The small
word that leads to a value, « un courriel à Panier », is no part of it. Words of the phrase may be
slips too, « Envoier un courriel Panier »: such a phrase is looked for when nothing else is found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.help.fidelity import keeps, meant_for, says_more
from dsl.help.quotation import quoted
from dsl.language.fr.bare import BARE, literal, spelled
from dsl.language.fr.denial import DENIALS
from dsl.language.fr.particles import TO_A_VALUE
from dsl.language.fr.synonyms import FILLERS
from dsl.language.lexeme import Lexeme
from dsl.phrases.catalogue import Catalogue, Writing
from dsl.phrases.pattern import Edge, Slot
from dsl.phrases.trie import requoted
from dsl.text.lexer import lex
from relance import french
from relance.phrase import Kind
from relance.slot import SlotType, Unreadable

_MAX_LEXEMES = 40
#: Words may stand in several slots in many ways: enough for a person, not for an attack.
_MAX_WAYS = 100
#: Slips are looked for in short lines only: each word is compared, and may be passed over.
_MAX_SLIPPED = 16
#: A phrase of one word is known by it, slip and all, when the word is long enough.
_LONG = 6


@dataclass(frozen=True, slots=True)
class _Value:
    """What stands in a slot: as it is to be written, and why it cannot be read if it cannot."""

    shown: str
    wrapped: bool = False
    wrong: Unreadable | None = None
    #: Whether a small word that led to it is left out.
    led: bool = False


@dataclass(frozen=True, slots=True)
class _Fit:
    """A phrase the words make once some of them are wrapped."""

    writing: Writing
    values: tuple[_Value, ...]

    @property
    def wrong(self) -> Unreadable | None:
        """Why the first value that cannot be read cannot."""
        return next((value.wrong for value in self.values if value.wrong), None)

    @property
    def own(self) -> int:
        """How many words the phrase has."""
        return sum(isinstance(edge, str) for edge in self.writing.variant.edges)

    @property
    def amends(self) -> bool:
        """Whether any value is not yet as it is to be written."""
        return any(value.wrapped or value.led for value in self.values)

    @property
    def rank(self) -> tuple[bool, int, int]:
        """The best fit can be read, has most words of its own, and wraps least."""
        return self.wrong is None, self.own, -sum(value.wrapped for value in self.values)

    def written(self) -> str:
        """The phrase, each value in its place."""
        slots = self.writing.variant.slots
        values = {slot.name: value.shown for slot, value in zip(slots, self.values, strict=True)}
        return self.writing.entry.canonical.written(values)


class Unwrapped:
    """The phrases of a catalogue whose values were left without parentheses, in one file."""

    def __init__(self, catalogue: Catalogue, source: str) -> None:
        self._catalogue = catalogue
        self._source = source

    def fixed(self, lexemes: Sequence[Lexeme], kinds: frozenset[Kind]) -> str | None:
        """The phrase that words make once their values are wrapped, each of which can be read."""
        return self._said_by(self._best(lexemes, kinds), lexemes, kinds)

    def slipped(self, lexemes: Sequence[Lexeme], kinds: frozenset[Kind]) -> str | None:
        """The same where words of the phrase are slips, other words for it, or small ones forgotten."""
        if len(lexemes) > _MAX_SLIPPED:
            return None
        return self._said_by(self._best(lexemes, kinds, slips=True), lexemes, kinds)

    def diagnostic(self, lexemes: Sequence[Lexeme], kinds: frozenset[Kind]) -> Diagnostic | None:
        """The diagnostic of words that make a phrase once their values are wrapped."""
        fit = self._best(lexemes, kinds)
        if fit is None:
            return None
        span = Span(lexemes[0].start, lexemes[-1].end)
        written = quoted(self._source[span.start : span.end])
        if fit.wrong is not None:
            instead = f" Écrivez par exemple {fit.wrong.instead}." if fit.wrong.instead else ""
            message = f"Dans {written}, {fit.wrong.reason}.{instead}"
            return Diagnostic("R202", Severity.ERROR, span, message)
        fixed = self._said_by(fit, lexemes, kinds)
        wrapped = sum(value.wrapped for value in fit.values)
        if fixed is None or not wrapped:
            return None
        message = (
            f"Dans {written}, "
            + ("des valeurs ne sont pas" if wrapped > 1 else "une valeur n’est pas")
            + f" entre parenthèses. Écrivez plutôt {french.quoted(fixed)}."
        )
        fixes = (Fix(span, fixed, compared=True),)
        plain = f"Je ne connais pas la phrase {written}."
        return Diagnostic("R202", Severity.ERROR, span, message, fixes, plain=plain)

    def _said_by(
        self, fit: _Fit | None, lexemes: Sequence[Lexeme], kinds: frozenset[Kind]
    ) -> str | None:
        """A fit as it is to be written, when it says what the words say."""
        if fit is None or fit.wrong is not None:
            return None
        fixed = fit.written()
        return fixed if keeps(self._catalogue, self._source, lexemes, fixed, kinds) else None

    def _best(
        self, lexemes: Sequence[Lexeme], kinds: frozenset[Kind], *, slips: bool = False
    ) -> _Fit | None:
        if len(lexemes) > _MAX_LEXEMES:
            return None
        fits = []
        for writing in self._beginning(lexemes, slips=slips):
            if writing.entry.phrase.kind in kinds and writing.variant.slots:
                found = self._values(writing.variant.edges, lexemes, slips=slips)
                values = min(islice(found, _MAX_WAYS), key=_wrongs, default=())
                fit = _Fit(writing, values)
                # « Attendre … »: one word is too little to say what should stand after it.
                if fit.amends and (fit.wrong is None or fit.own > 1):
                    fits.append(fit)
        return max(fits, key=lambda fit: fit.rank, default=None)

    def _beginning(self, lexemes: Sequence[Lexeme], *, slips: bool) -> Iterator[Writing]:
        """The writings that begin as these words do."""
        first = _past_articles(lexemes)
        if not first:
            return
        known = self._catalogue.by_first_word
        if not slips:
            yield from known.get(first[0].key, ())
            return
        for word, writings in known.items():
            if self._is(first[0], word, slips=True):
                yield from writings

    def _is(self, lexeme: Lexeme, word: str, *, slips: bool) -> bool:
        """Whether a word was written for that one of a phrase."""
        if lexeme.key == word:
            return True
        return (
            slips
            and lexeme.kind == "w"
            and bool(lexeme.key)
            and meant_for(lexeme.key, word, self._catalogue.vocabulary)
        )

    def _values(
        self, edges: Sequence[Edge], lexemes: Sequence[Lexeme], *, slips: bool
    ) -> Iterator[tuple[_Value, ...]]:
        """The ways to give each slot a value, the shortest values first."""
        if not edges:
            if not lexemes:
                yield ()
            return
        edge = edges[0]
        if isinstance(edge, Slot):
            for value, end in self._led(edge, lexemes):
                for rest in self._values(edges[1:], lexemes[end:], slips=slips):
                    yield (value, *rest)
            return
        rest_of = _past_articles(lexemes)
        if edge == "(":
            close = list(edges).index(")")
            if rest_of and self._held(rest_of[0]) == list(edges[1:close]):
                yield from self._values(edges[close + 1 :], rest_of[1:], slips=slips)
        elif rest_of and self._is(rest_of[0], edge, slips=slips):
            yield from self._values(edges[1:], rest_of[1:], slips=slips)
        elif slips and edge in FILLERS:
            yield from self._values(edges[1:], lexemes, slips=slips)

    def _led(self, slot: Slot, lexemes: Sequence[Lexeme]) -> Iterator[tuple[_Value, int]]:
        """What may stand in a slot, first without the small word that leads to it: a name may begin
        with one, « À bientôt », which then has its capital."""
        leads = len(lexemes) > 1 and lexemes[0].key in TO_A_VALUE
        if leads and self._source[lexemes[0].start].islower():
            rest = _past_articles(lexemes[1:])
            for value, end in self._value(slot, rest):
                yield replace(value, led=True), end + len(lexemes) - len(rest)
        yield from self._value(slot, lexemes)

    def _held(self, lexeme: Lexeme) -> list[str]:
        """The keys of what a delimited text holds."""
        if lexeme.kind != "t":
            return []
        return [held.key for held in lex(self._source, lexeme.start + 1, lexeme.end - 1)[0]]

    def _value(self, slot: Slot, lexemes: Sequence[Lexeme]) -> Iterator[tuple[_Value, int]]:
        """What may stand in a slot at the beginning of `lexemes`, and where it ends."""
        if not lexemes:
            return
        if lexemes[0].kind == "t":
            yield _Value(requoted(self._source, lexemes[0])), 1
            return
        kind = self._catalogue.slot_types[slot.type]
        bare = BARE.get(slot.type) or (None if kind.reference or _free(kind) else literal)
        end = bare(self._source, lexemes, 0) if bare else None
        if end is not None:
            yield _Value(spelled(self._source, lexemes[0].start, lexemes[end - 1].end)), end
            return
        for end in range(1, len(lexemes) + 1):
            last = lexemes[end - 1]
            if last.kind == "t" or last.key in DENIALS or (end > 1 and _goes_on(last)):
                return
            inside = self._source[lexemes[0].start : lexemes[end - 1].end].strip("<> ")
            read = kind.read(inside)
            wrong = read if isinstance(read, Unreadable) else None
            yield _Value(f"({inside})", wrapped=True, wrong=wrong), end


def _goes_on(lexeme: Lexeme) -> bool:
    """Whether a word says more of what was named, rather than being part of the name."""
    return says_more(lexeme.key) or (lexeme.kind == "p" and lexeme.key == ",")


def _wrongs(values: Sequence[_Value]) -> int:
    return sum(value.wrong is not None for value in values)


def _free(kind: SlotType) -> bool:
    """Whether any text does, so that no bare writing is to be looked for."""
    return kind.name == "texte"


def _past_articles(lexemes: Sequence[Lexeme]) -> Sequence[Lexeme]:
    index = 0
    while index < len(lexemes) and lexemes[index].kind == "w" and not lexemes[index].key:
        index += 1
    return lexemes[index:]
