"""Values that need no parentheses: which lexemes make a number, a duration, a date… where a slot wants one."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from dsl.language.fr.denial import REFUSING
from dsl.language.fr.fold import fold_word
from dsl.language.fr.particles import AFTER_VALUES, AGO
from dsl.language.fr.values import COMPARATORS, DIRECTIONS, MONTHS, SMALL_NUMBERS, UNITS, WEEKDAYS
from dsl.language.lexeme import Lexeme
from relance.fold import fold

#: From lexemes and an index, the index past the value; None when there is none.
Bare: TypeAlias = Callable[[str, Sequence[Lexeme], int], int | None]

_UNIT_KEYS = frozenset(fold_word(unit) for unit in UNITS) | {"moi", "ans"}
_MONTH_KEYS = frozenset(fold_word(month) for month in MONTHS)
_DAY_KEYS = frozenset(fold_word(day) for day in WEEKDAYS)
_NUMBER_KEYS = frozenset(fold_word(word) for word in SMALL_NUMBERS) - {""}


def _words(forms: Sequence[str]) -> frozenset[tuple[str, ...]]:
    keys = (tuple(filter(None, map(_spelt, form.split()))) for form in forms)
    return frozenset(key for key in keys if key)


def _spelt(word: str) -> str:
    return " ".join(filter(None, map(fold_word, word.replace("-", " ").split())))


_SIGNS = frozenset(form for form in COMPARATORS if not form[0].isalpha())
_COMPARATOR_KEYS = _words(
    [form.replace("-", " ") for form in COMPARATORS if form[0].isalpha()] + ["jusqu' à"]
)
_DIRECTION_KEYS = _words(list(DIRECTIONS))
_AGO_KEYS = _words(AGO)


def _at(lexemes: Sequence[Lexeme], index: int, *keys: str) -> bool:
    return index < len(lexemes) and lexemes[index].key in keys


def _kind(lexemes: Sequence[Lexeme], index: int, kind: str) -> bool:
    return index < len(lexemes) and lexemes[index].kind == kind


def number(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """« 5 », « -5 », « 1 234,50 »."""
    if _kind(lexemes, index, "p") and _at(lexemes, index, "-", "+", "−", "–"):
        index += 1
    return index + 1 if _kind(lexemes, index, "n") else None


def percentage(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """« 50 % », « 50 pour cent »."""
    if not _kind(lexemes, index, "n"):
        return None
    if _at(lexemes, index + 1, "%"):
        return index + 2
    if _at(lexemes, index + 1, "pour") and _at(lexemes, index + 2, "cent"):
        return index + 3
    return None


def amount(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """« 49,90 € », « $50 », or the number alone."""
    if _at(lexemes, index, "€", "$"):
        return index + 2 if _kind(lexemes, index + 1, "n") else None
    end = number(source, lexemes, index)
    if end is None:
        return None
    signs = ("€", "$", "euro", "eur", "dollar", "cad", "usd")
    return end + 1 if _at(lexemes, end, *signs) else end


def _spelt_as(source: str, lexeme: Lexeme, *words: str) -> bool:
    """Whether an article is one of these: their keys are all empty."""
    return fold(source[lexeme.start : lexeme.end]) in words


def _count(source: str, lexemes: Sequence[Lexeme], index: int) -> bool:
    if index >= len(lexemes):
        return False
    lexeme = lexemes[index]
    if lexeme.kind == "n" or (lexeme.kind == "w" and lexeme.key in _NUMBER_KEYS):
        return True
    return lexeme.kind == "w" and not lexeme.key and _spelt_as(source, lexeme, "un", "une")


def is_unit(lexemes: Sequence[Lexeme], index: int) -> bool:
    """Whether a unit of time stands there."""
    return _kind(lexemes, index, "w") and lexemes[index].key in _UNIT_KEYS


def is_day_or_month(lexeme: Lexeme) -> bool:
    """Whether a word names a day of the week or a month."""
    return lexeme.kind == "w" and lexeme.key in _DAY_KEYS | _MONTH_KEYS


def duration(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """« 3 jours », « 2 h 30 », « une semaine et 2 jours »."""
    if not (_count(source, lexemes, index) and is_unit(lexemes, index + 1)):
        return None
    end = index + 2
    while True:
        hours = lexemes[end - 1].key in ("h", "heure")
        if hours and _kind(lexemes, end, "n") and not is_unit(lexemes, end + 1):
            return end + 1
        after = end + 1 if _at(lexemes, end, "et") else end
        if not (_count(source, lexemes, after) and is_unit(lexemes, after + 1)):
            return end
        end = after + 2


def date(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """« 2026-12-24 », « 24 décembre 2026 », « 1er août 2026 »."""
    if _kind(lexemes, index, "d"):
        return index + 1
    if not _kind(lexemes, index, "n"):
        return None
    month = index + 2 if _at(lexemes, index + 1, "er") else index + 1
    if _kind(lexemes, month, "w") and lexemes[month].key in _MONTH_KEYS:
        return month + 2 if _kind(lexemes, month + 1, "n") else None
    return None


def the_date(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """The same, or « le 1er août 2026 »: what a phrase says of a date keeps its article."""
    if _kind(lexemes, index, "w") and _spelt_as(source, lexemes[index], "le"):
        index += 1
    return date(source, lexemes, index)


def clock(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """« 9 h 30 », « 9h », « 09:30 », « midi »."""
    if _kind(lexemes, index, "c") or _at(lexemes, index, "midi", "minuit"):
        return index + 1
    if not (_kind(lexemes, index, "n") and _at(lexemes, index + 1, "h", "heure")):
        return None
    return index + 3 if _kind(lexemes, index + 2, "n") else index + 2


def weekday(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """« lundi »."""
    return index + 1 if _kind(lexemes, index, "w") and lexemes[index].key in _DAY_KEYS else None


def _longest(keys: frozenset[tuple[str, ...]], lexemes: Sequence[Lexeme], index: int) -> int | None:
    read: tuple[str, ...] = ()
    found = None
    for position in range(index, min(index + 6, len(lexemes))):
        if lexemes[position].kind != "w":
            break
        read += (lexemes[position].key,)
        if read in keys:
            found = position + 1
    return found


def comparator(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """« supérieur à », « au moins », « ≥ »."""
    if _kind(lexemes, index, "p"):
        return index + 1 if lexemes[index].key in _SIGNS else None
    return _longest(_COMPARATOR_KEYS, lexemes, index)


def direction(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """« avant », « après », « plus grande »."""
    return _longest(_DIRECTION_KEYS, lexemes, index)


def ago(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """« il y a plus de », « il y a moins d’ »."""
    return _longest(_AGO_KEYS, lexemes, index)


def change(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """« +10 », « -5 », « =50 »."""
    if not _at(lexemes, index, "+", "-", "−", "–", "="):
        return None
    end = index + 1
    if lexemes[index].key == "=" and _at(lexemes, end, "-"):
        end += 1
    return end + 1 if _kind(lexemes, end, "n") else None


def _any(*readers: Bare) -> Bare:
    def longest(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
        return max((reader(source, lexemes, index) or 0 for reader in readers), default=0) or None

    return longest


def deadline(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """« le 24 décembre 2026 », « lundi », « 9 h 30 »."""
    return (
        the_date(source, lexemes, index)
        or weekday(source, lexemes, index)
        or clock(source, lexemes, index)
    )


_MOST_WORDS = 6


def words(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """Words or a value, up to where something else is said: « Trois-Rivières », « 400 $ »."""
    end = index
    while end < len(lexemes) and end - index < _MOST_WORDS:
        lexeme = lexemes[end]
        if lexeme.kind in "t!" or (lexeme.kind == "p" and lexeme.key not in _OF_VALUES):
            break
        if lexeme.kind == "w" and lexeme.key in AFTER_VALUES:
            break
        end += 1
    if end == index or not any(one.key for one in lexemes[index:end]):
        return None
    return end if lexemes[end - 1].key else None


_OF_VALUES = frozenset("€$%+-−–")


def named(source: str, lexemes: Sequence[Lexeme], index: int) -> int | None:
    """Words before a comparison: « mode de paiement » in « où mode de paiement = (carte) ».

    « montant n’est pas » is no name: its refusal would be lost in it.
    """
    if not lexemes[index].key:
        return None
    for end in range(index + 1, min(index + _MOST_WORDS, len(lexemes)) + 1):
        if lexemes[end - 1].kind != "w" or lexemes[end - 1].key in REFUSING:
            return None
        after = end + 1 if _at(lexemes, end, "est") else end
        if comparator(source, lexemes, after) is not None:
            return end
    return None


since = _any(the_date, duration)
#: Any literal: what a plugin's own literal type, or a qualifier's value, may be.
literal = _any(
    percentage, amount, duration, the_date, clock, weekday, comparator, direction, change, ago
)

BARE: dict[str, Bare] = {
    "nombre": number,
    "pourcentage": percentage,
    "montant": amount,
    "durée": duration,
    "date": date,
    "heure": clock,
    "jour": weekday,
    "comparateur": comparator,
    "direction": direction,
    "changement": change,
    "moment": the_date,
    "échéance": deadline,
    "délai": duration,
    "mots": words,
    "nom nu": named,
    "depuis": since,
    "valeur": literal,
}


def spelled(source: str, start: int, end: int) -> str:
    """A bare value as it is written: single spaces, « ’ », and « % » and money after one."""
    text = " ".join(source[start:end].split()).replace("'", "’")
    if text[0] in "€$":
        text = f"{text[1:].lstrip()} {text[0]}"
    for sign in "%€$":
        text = text.replace(f" {sign}", sign).replace(sign, f" {sign}")
    return text
