"""Whether a proposal says what was written: every suggestion passes here before it is shown.

A message that proposes something is a promise. So a proposal is read as the script would be, and
compared with the author's words: all the values are there in their order and none is invented, what
was denied stays denied, and every word that means something has its counterpart. Else it is not
shown: nothing is better than another meaning.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dsl.language.fr.bare import is_day_or_month, is_unit
from dsl.language.fr.constructs import form
from dsl.language.fr.denial import DENIALS, affirmed, denies, differs
from dsl.language.fr.likeness import contrary, distance, same_word
from dsl.language.fr.particles import BEYOND_NAMES, TURNING
from dsl.language.fr.synonyms import FILLERS, meant
from dsl.language.fr.values import SMALL_NUMBERS
from dsl.language.lexeme import Lexeme
from dsl.phrases.catalogue import Catalogue, PhraseForm
from dsl.phrases.trie import Match
from dsl.text.lexer import lex
from relance.fold import fold
from relance.phrase import Kind
from relance.slot import Unreadable

_DENIED = form("NOT")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word or a sign as written: what it is compared by, and whether it stands in a value."""

    text: str
    key: str
    #: Between delimiters, or a number, a unit, a day, a sign: what no rewording may lose.
    valued: bool


def read_phrase(
    catalogue: Catalogue, text: str, kinds: Iterable[Kind]
) -> tuple[bool, Match[PhraseForm]] | None:
    """The phrase that a text is as a whole, and whether « non » stands before it; None if none."""
    lexemes, _ = lex(text, 0, len(text))
    denied = bool(lexemes) and lexemes[0].key == _DENIED
    found = catalogue.longest(text, lexemes, int(denied))
    if found is None or found.end < len(lexemes) or found.value.phrase.kind not in kinds:
        return None
    return denied, found


def keeps(
    catalogue: Catalogue,
    source: str,
    lexemes: Sequence[Lexeme],
    text: str,
    kinds: Iterable[Kind],
    lacking: frozenset[str] = frozenset(),
) -> bool:
    """Whether `text` is a phrase of `kinds`, can be read, and says what `lexemes` say.

    `lacking` names the slots that hold a stand-in because the author gave them no value.
    """
    read = read_phrase(catalogue, text, kinds)
    if read is None:
        return False
    denied, found = read
    if denies(lexemes) != denied ^ any(differs(_held(one.raw)) for one in found.captured):
        return False
    written: Sequence[Lexeme] = (affirmed(lexemes) or lexemes) if denied else lexemes
    pieces = _pieces(source, written)
    words = [edge for edge in found.variant.edges if isinstance(edge, str) and edge not in "()"]
    given = []
    for slot, captured in zip(found.variant.slots, found.captured, strict=True):
        if slot.name in lacking:
            continue
        if isinstance(catalogue.slot_types[slot.type].read(captured.text.text), Unreadable):
            return False
        given.append(_pieces(captured.raw, lex(captured.raw, 0, len(captured.raw))[0]))
    rest = _without(pieces, given)
    return rest is not None and _same_words(rest, words, catalogue.vocabulary)


def faithful(written: str, proposed: str) -> bool:
    """Whether a proposal, whatever it is for, says what was written in its place.

    All the values are there in their order and none is invented, as much is denied, no word that
    turns a meaning round comes or goes, and no new name swallows words that say something.
    """
    (mine, before), (theirs, after) = (
        (_pieces(text, lexemes), lexemes)
        for text in (written, proposed)
        for lexemes in (lex(text, 0, len(text))[0],)
    )
    if denies(before) != denies(after) or _turned(mine) != _turned(theirs):
        return False
    if not _in_order(mine, theirs) or not _in_order(theirs, mine):
        return False
    held = {piece.text for piece in _named(written, before)}
    if any(says_more(piece.key) for piece in _named(proposed, after) if piece.text not in held):
        return False
    left, right = (
        {piece.key for piece in one} - {piece.key for piece in other}
        for one, other in ((mine, theirs), (theirs, mine))
    )
    return not any(contrary(a, b) for a in left for b in right if not {a, b} <= FILLERS)


def says_more(key: str) -> bool:
    """Whether a word says when, how often, what else, or denies: no name begins to hold one."""
    return key in BEYOND_NAMES or key in DENIALS


def _named(source: str, lexemes: Sequence[Lexeme]) -> list[_Piece]:
    """The words between delimiters."""
    return [piece for one in lexemes if one.kind == "t" for piece in _pieces(source, [one])]


def _turned(pieces: Sequence[_Piece]) -> list[str]:
    return sorted(piece.key for piece in pieces if piece.key in TURNING)


def _in_order(pieces: Sequence[_Piece], others: Sequence[_Piece]) -> bool:
    """Whether the values among the first are found among the others, in order."""
    rest = iter([piece.text for piece in others])
    return all(piece.text in rest for piece in pieces if piece.valued and _counts(piece.text))


def _held(raw: str) -> Sequence[Lexeme]:
    """The words of a value, its delimiters aside."""
    text = raw.strip("()«»\u00a0 ")
    return lex(text, 0, len(text))[0]


def _counts(text: str) -> bool:
    """Whether a piece says something: brackets, colons and dashes only hold things together."""
    return any(char.isalnum() or char in "<>≤≥≠=+%€$" for char in text)


def same_name(one: str, other: str) -> bool:
    """Whether a name may be a slip for another: not when a number, a year, a sign or a contrary
    tells them apart, for then somebody named two things on purpose."""
    mine, theirs = (_pieces(name, lex(name, 0, len(name))[0]) for name in (one, other))
    if _values(mine) != _values(theirs) or _signs(one) != _signs(other):
        return False
    left = [piece.key for piece in mine]
    right = [piece.key for piece in theirs]
    for key in tuple(left):
        if key in right:
            left.remove(key)
            right.remove(key)
    if any(key in DENIALS or key in TURNING for key in (*left, *right)):
        return False
    return not any(contrary(a, b) for a in left for b in right)


def _signs(name: str) -> list[str]:
    return sorted(sign for sign in name if sign in "+-*/%&#@$€=<>≠≤≥")


def _values(pieces: Sequence[_Piece]) -> list[str]:
    return sorted(piece.text for piece in pieces if any(c.isdigit() for c in piece.text))


def _pieces(source: str, lexemes: Sequence[Lexeme], *, held: bool = False) -> list[_Piece]:
    """Words and values in order, those between delimiters included."""
    pieces: list[_Piece] = []
    marks = {lexeme.key for lexeme in lexemes if lexeme.key in ("<", ">")}
    for index, lexeme in enumerate(lexemes):
        if len(marks) == 2 and lexeme.key in marks:  # « <Tarifs> »: the delimiters of a value
            continue
        written = source[lexeme.start : lexeme.end]
        if lexeme.kind == "t":
            inner = lex(written, 1, len(written) - 1)[0]
            pieces += _pieces(written, inner, held=True)
            continue
        text = fold(written)
        if lexeme.kind == "w":
            counts = (
                not held
                and text in SMALL_NUMBERS
                and (bool(lexeme.key) or is_unit(lexemes, index + 1))
            )
            text = str(SMALL_NUMBERS[text]) if counts else text
            counted = bool(pieces) and pieces[-1].text[-1:].isdecimal()
            valued = held or counts or is_day_or_month(lexeme)
            valued = valued or (counted and is_unit(lexemes, index))
        else:
            text = "".join(text.split()) if lexeme.kind == "n" else text
            valued = held or lexeme.key != ","
        pieces.append(_Piece(text, lexeme.key, valued))
    return pieces


def _without(pieces: Sequence[_Piece], values: Sequence[Sequence[_Piece]]) -> list[_Piece] | None:
    """What is left of `pieces` once each value was found among them, in order; None if one is not."""
    taken: set[int] = set()
    position = 0
    for value in values:
        wanted = sorted(piece.text for piece in value)
        size = len(wanted)
        for start in range(position, len(pieces) - size + 1):
            if sorted(piece.text for piece in pieces[start : start + size]) == wanted:
                taken.update(range(start, start + size))
                position = start + size
                break
        else:
            return None
    return [piece for index, piece in enumerate(pieces) if index not in taken]


def _same_words(rest: Sequence[_Piece], words: Sequence[str], vocabulary: frozenset[str]) -> bool:
    """Whether the author's other words and those of the phrase match one to one, fillers aside."""
    left = [piece for piece in rest if piece.key or piece.valued]
    wanted = list(words)
    for piece in tuple(left):
        if piece.key in wanted or piece.text in wanted:
            wanted.remove(piece.key if piece.key in wanted else piece.text)
            left.remove(piece)
    for piece in tuple(left):
        match = next((word for word in wanted if meant_for(piece.key, word, vocabulary)), None)
        if match is not None and not piece.valued:
            wanted.remove(match)
            left.remove(piece)
    said = {meant(word) for word in words if words.count(word) > wanted.count(word)}
    # « lu (ouvert) » says it twice.
    return all(word in FILLERS or meant(word) in said for word in wanted) and all(
        piece.key in FILLERS and not piece.valued for piece in left
    )


def meant_for(word: str, other: str, vocabulary: frozenset[str]) -> bool:
    """Whether a word's key is a slip or another form of the other, or stands for it."""
    if meant(word) == meant(other):
        return True
    if (
        word in TURNING | DENIALS
        or other in DENIALS
        or (word in vocabulary and other in vocabulary)
    ):
        return False
    if other in TURNING:
        return len(other) > 3 and word not in vocabulary and distance(word, other) == 1
    if contrary(word, other) or meant(word) != word:
        return False
    return same_word(word, other)
