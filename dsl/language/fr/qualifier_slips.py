"""What was meant by words after an event that are almost a qualifier: « 3 fois », « où prix > 50 »."""

from collections.abc import Sequence
from dataclasses import dataclass

from dsl.language.fr import bare
from dsl.language.fr.denial import REFUSING
from dsl.language.fr.fold import fold_word
from dsl.language.fr.particles import WHERE
from dsl.language.fr.values import SMALL_NUMBERS, comparator
from dsl.language.fr.values import duration as read_duration
from dsl.language.lexeme import Lexeme
from relance.fold import fold
from relance.values import Comparator, Duration

_LONGEST_FIELD = 5
_SINCE = fold_word("depuis")
_MORE = [fold_word("plus"), fold_word("de")]
_AT_LEAST = [fold_word("au"), fold_word("moins")]
#: « 3 fois ou plus », « 3 fois au moins ».
_OR_MORE = [["ou", fold_word("plus")], ["et", fold_word("plus")], _AT_LEAST]
_REFUSALS = [["n", "est", "pas"], ["ne", "est", "pas"]]


@dataclass(frozen=True, slots=True)
class Meant:
    """The qualifier to write instead, and the index past the words it stands for."""

    text: str
    end: int
    #: Whether only parentheses were missing.
    unwrapped: bool = False


def qualifier_meant(source: str, lexemes: Sequence[Lexeme], index: int) -> Meant | None:
    """What the words at `index` were meant to say of the event before them; None if nothing."""
    return (
        _where(source, lexemes, index)
        or _times(source, lexemes, index)
        or _since(source, lexemes, index)
    )


def _where(source: str, lexemes: Sequence[Lexeme], index: int) -> Meant | None:
    """« où montant supérieur à 50 », « où montant n’est pas égal à 50 »."""
    first = lexemes[index]
    if source[first.start : first.end].casefold() != WHERE:  # « ou » has the same key
        return None
    start = index + 1
    while start < len(lexemes) and lexemes[start].kind == "w" and not lexemes[start].key:
        start += 1
    for stop in range(start + 1, min(start + _LONGEST_FIELD, len(lexemes)) + 1):
        if lexemes[stop - 1].kind != "w":
            return None
        refused = [lexeme.key for lexeme in lexemes[stop : stop + 3]] in _REFUSALS
        if not refused and lexemes[stop - 1].key in REFUSING:
            return None
        after = stop + 1 if stop < len(lexemes) and lexemes[stop].key == "est" else stop
        after = stop + 3 if refused else after
        compared = bare.comparator(source, lexemes, after)
        if compared is None or compared >= len(lexemes):
            continue
        if lexemes[compared].kind == "t":
            end = compared + 1
        else:
            end = (
                bare.literal(source, lexemes, compared)
                or bare.number(source, lexemes, compared)
                or 0
            )
        if end:
            field = source[lexemes[start].start : lexemes[stop - 1].end]
            said = " ".join(source[lexemes[after].start : lexemes[compared].start].split())
            value = " ".join(source[lexemes[compared].start : lexemes[end - 1].end].split())
            if not refused:
                return Meant(f"où ({field}) {said} {value}", end, unwrapped=True)
            if comparator(said) is not Comparator.EQUAL:
                return None
            return Meant(f"où ({field}) différent de {value}", end)
    return None


def _times(source: str, lexemes: Sequence[Lexeme], index: int) -> Meant | None:
    """« 3 fois », « plus de trois fois »."""
    keys = [lexeme.key for lexeme in lexemes[index : index + 4]]
    more = keys[:2] == _MORE
    at = index + 2 if more or keys[:2] == _AT_LEAST else index
    if at + 1 >= len(lexemes) or not source[lexemes[at + 1].start :].casefold().startswith("fois"):
        return None
    word = source[lexemes[at].start : lexemes[at].end]
    count = int(word) if word.isdecimal() else SMALL_NUMBERS.get(fold(word))
    if not count:
        return None
    end = at + 2
    after = [lexeme.key for lexeme in lexemes[end : end + 2]]
    if after in _OR_MORE:
        if more:
            return None
        end += 2
    return Meant(f"au moins {count + more} fois", end)


def _since(source: str, lexemes: Sequence[Lexeme], index: int) -> Meant | None:
    """« depuis 7 jours », « il y a moins de 2 semaines »."""
    if lexemes[index].key == _SINCE:
        start: int | None = index + 1
    else:
        start = bare.ago(source, lexemes, index)
        less = start is not None and fold(source[lexemes[start - 2].start :]).startswith("moins")
        start = start if less else None
    end = bare.duration(source, lexemes, start) if start is not None else None
    if start is None or end is None:
        return None
    read = read_duration(source[lexemes[start].start : lexemes[end - 1].end])
    if not isinstance(read, Duration) or read.months or read.seconds or not read.days:
        return None
    return Meant(f"dans les {read.days} derniers jours", end)
