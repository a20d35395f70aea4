"""A word of the language with a slip in it, « Attendre pendant 3 heurs »: the words it was to be.

Looked for where nothing else was proposed, and among all that scripts are written with: the words of the
structure, of phrases and of values. A word that the language knows is nobody's slip: its author means it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Final

from dsl.diagnostics import Diagnostic, Fix, Span
from dsl.help.quotation import quoted
from dsl.help.wording import did_you_mean
from dsl.language.fr.constructs import ROWS, form
from dsl.language.fr.denial import DENIALS
from dsl.language.fr.fold import fold_word
from dsl.language.fr.likeness import contrary, distance
from dsl.language.fr.particles import TURNING
from dsl.language.fr.pieces import PIECES
from dsl.language.fr.value_words import VALUE_WORDS
from dsl.language.lexeme import Lexeme
from dsl.phrases.catalogue import Catalogue
from dsl.phrases.pattern import expand
from dsl.text.lexer import lex
from relance.fold import fold

#: What a misspelt word is said by: « Mot du langage mal écrit ».
CODE: Final = "R116"
#: What is said of words, or of a value, that cannot be read: never of a name, which is its author's.
_MISREAD: Final = frozenset(
    (
        *("R105", "R109", "R110", "R111", "R113", "R114", "R115", "R116", "R117", "R201", "R202"),
        *("R308", "R412", "R413", "R431", "R438", "R442", "R452", "R453", "R456", "R470"),
    )
)
#: Shorter, a word is near too many others.
_SHORTEST: Final = 3
#: From so many letters on, two of them may be wrong.
_LONG: Final = 8
#: Of how many words a reader chooses.
_MOST: Final = 3
#: In a line as people write them; a longer one is not gone over word by word.
_MOST_WORDS: Final = 60
#: So many words that are unknown are no slip: the others of the line are not gone over.
_MOST_UNKNOWN: Final = 8
#: Of so many, all may be slips.
_MOST_SLIPS: Final = 3


class Spellings:
    """The words a project may be written with, as they are spelt."""

    def __init__(self, catalogue: Catalogue) -> None:
        said = (
            piece
            for writing in catalogue.writings
            for piece in writing.variant.pieces
            if isinstance(piece, str)
        )
        self._words = {**_by_fold(said), **_of_language()}

    def amended(self, source: str, found: Diagnostic) -> Diagnostic | None:
        """An error nobody proposes anything for, with what its line says once a word of it is spelt as
        it should be; None where every word is known, or none is near."""
        if found.fixes or found.code not in _MISREAD:
            return None
        lexemes = _around(source, found.span)
        within = [
            index
            for index, one in enumerate(lexemes)
            if one.kind == "w" and found.span.start <= one.end and one.start <= found.span.end
        ]
        unknown = [index for index in within if not self._knows(_word(source, lexemes[index]))]
        # « Envoyé courriel »: what a line does begins it, and another form of its word is one too.
        for index in (*unknown[:_MOST_UNKNOWN], *within[:1]):
            fixes = self._fixes(source, lexemes, index)
            if fixes:
                return replace(found, fixes=(*fixes, *self._at_once(source, lexemes, unknown)))
        return None

    def _fixes(self, source: str, lexemes: Sequence[Lexeme], index: int) -> tuple[Fix, ...]:
        """What that word may have been meant to be."""
        word, start = _word(source, lexemes[index]), lexemes[index].start
        near = self._near(word, _counted(source, lexemes, index))
        return tuple(Fix(Span(start, start + len(word)), one, compared=True) for one in near)

    def _at_once(
        self, source: str, lexemes: Sequence[Lexeme], unknown: Sequence[int]
    ) -> tuple[Fix, ...]:
        """All the words of a line that are unknown, where they are a few: to mend one leaves a line that
        the others keep from being read."""
        if not 1 < len(unknown) <= _MOST_SLIPS:
            return ()
        each = [one for index in unknown for one in self._fixes(source, lexemes, index)[:1]]
        if len(each) < 2:
            return ()
        text, position = "", each[0].span.start
        for one in each:
            text += source[position : one.span.start] + one.text
            position = one.span.end
        return (Fix(Span(each[0].span.start, position), text, compared=True),)

    def _knows(self, word: str) -> bool:
        return fold(word) in self._words

    def _near(self, written: str, several: bool | None) -> list[str]:
        """The words that one is nearest to, one of each meaning; `several`: whether a number before it
        says so, None without."""
        typed = fold(written)
        if len(typed) < _SHORTEST or fold_word(written) in DENIALS:
            return []
        plural = typed.endswith("s") if several is None else several
        found: dict[str, str] = {}
        for word in sorted(self._nearest(typed), key=lambda each: (each[0] != typed[0], each)):
            key = fold_word(word)
            if key not in found or word.endswith("s") == plural:
                found[key] = self._words[word]
        return [_as_written(one, written) for one in found.values()][:_MOST]

    def _nearest(self, typed: str) -> list[str]:
        most = 2 if len(typed) >= _LONG else 1
        letters = set(typed)
        best: dict[int, list[str]] = {}
        for word in self._words:
            if abs(len(word) - len(typed)) > most or len(letters.symmetric_difference(word)) > 4:
                continue
            apart = distance(typed, word)
            if 0 < apart <= most and _may_be(typed, word, apart):
                best.setdefault(apart, []).append(word)
        return best[min(best)] if best else []


@lru_cache(maxsize=8)
def spellings_of(catalogue: Catalogue) -> Spellings:
    """Those of a catalogue, gathered once."""
    return Spellings(catalogue)


def misspelt(source: str, found: Diagnostic) -> Diagnostic:
    """What to say of an error that a word spelt otherwise mends: that word, and nothing else."""
    span = found.fixes[0].span
    *others, last = _slips(source[span.start : span.end], found.fixes[0].text)
    words = f"les mots {', '.join(others)} et {last}" if others else f"le mot {last}"
    message = f"Je ne comprends pas ici {words}."
    proposed = did_you_mean([one.text for one in found.fixes])
    return Diagnostic(CODE, found.severity, span, message + proposed, found.fixes)


def _slips(written: str, meant: str) -> list[str]:
    """The words of a stretch that are spelt otherwise in the other."""
    before, after = written.split(), meant.split()
    if len(before) != len(after):
        return [quoted(written)]
    pairs = zip(before, after, strict=True)
    return [quoted(one) for one, other in pairs if one != other] or [quoted(written)]


def _around(source: str, span: Span) -> Sequence[Lexeme]:
    """The words of the line that a stretch is in, or of the value between parentheses that it is."""
    start = source.rfind("\n", 0, span.start) + 1
    end = source.find("\n", start)
    lexemes = lex(source, start, len(source) if end < 0 else end)[0][:_MOST_WORDS]
    if any(one.kind == "t" and one.start < span.start and span.end < one.end for one in lexemes):
        return lex(source, span.start, span.end)[0][:_MOST_WORDS]
    return lexemes


def _word(source: str, lexeme: Lexeme) -> str:
    """A word without the apostrophe that ends it."""
    return source[lexeme.start : lexeme.end].rstrip("'’")


def _as_written(word: str, written: str) -> str:
    """That word in the capitals of another."""
    if written.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if written[0].isupper() else word


def _counted(source: str, lexemes: Sequence[Lexeme], index: int) -> bool | None:
    """Whether what stands there is several, by the number before it; None where none is."""
    before = lexemes[index - 1] if index else None
    if before is None or before.kind != "n":
        return None
    return source[before.start : before.end] not in ("0", "1")


def _may_be(typed: str, word: str, apart: int) -> bool:
    """Whether one may be a slip for the other: never for what denies, or its contrary."""
    key = fold_word(word)
    if key in DENIALS or key == form("NOT") or contrary(typed, word):
        return False
    return apart == 1 or key not in TURNING


def _by_fold(texts: Iterable[str]) -> dict[str, str]:
    """Each word of these texts, by how it is compared."""
    words = (word for text in texts for word in _words(text))
    return {fold(word): word for word in words}


def _words(text: str) -> Iterator[str]:
    lexemes, _ = lex(text, 0, len(text))
    for one in lexemes:
        word = _word(text, one)
        if one.kind == "w" and len(word) >= _SHORTEST:
            yield word[:1].lower() + word[1:]


@cache
def _of_language() -> dict[str, str]:
    said = [one for row in ROWS for one in (*row.forms, *row.closes)]
    for piece in PIECES:
        for pattern in piece.patterns:
            said += [one for way in expand(pattern) for one in way.pieces if isinstance(one, str)]
    return _by_fold([*said, *VALUE_WORDS])
