"""What a form says, as the value a field holds: forms only speak text.

A text that is no value of the field's type is not written (the event keeps it as it came):
a person who types « bientôt » where a date is wanted still is a lead.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from dsl.field_types import AMOUNT, CHOICE, DATE, MULTIPLE, NUMBER, TEXT, YES_NO, together
from relance.fold import fold

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:T.*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_SPACES = re.compile(r"[\s\u00a0\u202f']")
_YES = frozenset({"oui", "vrai", "true", "1", "on", "yes", "o"})
_NO = frozenset({"non", "faux", "false", "0", "off", "no", "n"})
_MAX_DIGITS = 15


def read_text(text: str) -> str | None:
    """A text, outer spaces aside; nothing for an empty one."""
    return text.strip() or None


def read_number(text: str) -> Decimal | None:
    """« 1 234,50 », « 1234.5 »."""
    plain = _SPACES.sub("", text).rstrip("$€%")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if not plain.isascii() or len(plain) > _MAX_DIGITS + 2 or "_" in plain:
        return None
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value.adjusted() <= _MAX_DIGITS else None


def read_date(text: str) -> date | None:
    """« 2026-12-24 », « 24/12/2026 »."""
    trimmed = text.strip()
    if match := _YEAR_FIRST.fullmatch(trimmed):
        year, month, day = match.groups()
    elif match := _DAY_FIRST.fullmatch(trimmed):
        day, month, year = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def read_yes_no(text: str) -> bool | None:
    """« oui », « non », and what a checked box sends."""
    word = fold(text)
    return True if word in _YES else False if word in _NO else None


#: Readers by the types of « champs » (language.md).
_READERS: Mapping[str, Callable[[str], object]] = {
    TEXT: read_text,
    NUMBER: read_number,
    AMOUNT: read_number,
    DATE: read_date,
    YES_NO: read_yes_no,
}


def read_choice(text: str, choices: Sequence[str]) -> str | None:
    """The choice that reads like this text; none rather than one of several."""
    if text in choices:
        return text
    word = fold(text)
    alike = [choice for choice in choices if fold(choice) == word]
    return alike[0] if len(alike) == 1 else None


#: What forms and files write between the elements of one text.
_BETWEEN = ("\n", "|", ";", ",")


def elements(text: str, choices: Sequence[str]) -> Sequence[str]:
    """The texts that may be elements of a « choix multiple »: the whole, or its parts."""
    whole = text.strip()
    if not whole or read_choice(whole, choices) is not None:
        return (whole,) if whole else ()
    for sign in _BETWEEN:
        found = [part.strip() for part in whole.split(sign) if part.strip()]
        if any(read_choice(one, choices) is not None for one in found):
            return found
    return (whole,)


def read_elements(text: str, choices: Sequence[str]) -> str | None:
    """« Vélo, Course », « vélo | course »: nothing unless all are among the choices."""
    found = [read_choice(one, choices) for one in elements(text, choices)]
    known = [one for one in found if one is not None]
    return together(known, choices) if len(known) == len(found) else None


def read_value(value: object, kind: str, choices: Sequence[str]) -> object:
    """`value` as a field of that type holds it; None when it cannot."""
    text = value if isinstance(value, str) else _in_text(value)
    if text is None:
        return None
    if kind == CHOICE:
        return read_choice(text, choices)
    if kind == MULTIPLE:
        return read_elements(text, choices)
    return _READERS.get(kind, read_text)(text)


def _in_text(value: object) -> str | None:
    """A value that is no text, as one; None for what no field holds."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int | float | Decimal) else None


def settled(found: Sequence[object], kind: str, choices: Sequence[str] = ()) -> object:
    """What several values told of one field come to, each read already; None for none.

    A box is ticked if it says so once (browsers send the hidden « 0 » and the ticked « 1 »), texts
    stand together as the elements of a « choix multiple » do, and of anything else the last one
    counts.
    """
    if not found:
        return None
    if kind == YES_NO:
        return any(found)
    if kind == TEXT:
        return ", ".join(dict.fromkeys(map(str, found)))
    if kind == MULTIPLE:
        return together(map(str, found), choices)
    return found[-1]
