"""A value written in a script, as the type of the field it meets; None when it cannot be one."""

from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from dsl.field_types import AMOUNT, DATE, NUMBER, YES_NO
from relance.values import Amount, FieldName, Percentage, Value

_YES = frozenset({"oui", "vrai", "true", "1"})
_NO = frozenset({"non", "faux", "false", "0"})


def as_type(value: Value, type_: str | None) -> Any:
    """`value` for a field of that type; `type_` None: for no field at all, a plain value."""
    plain = _plain(value)
    if plain is None or type_ is None:
        return float(plain) if isinstance(plain, Decimal) else plain
    if type_ in (NUMBER, AMOUNT):
        return _number(plain)
    if type_ == DATE:
        return _date(plain)
    if type_ == YES_NO:
        return _flag(plain)
    return _text(plain)


def _plain(value: Value) -> str | bool | int | Decimal | date | time | None:
    if isinstance(value, Amount | Percentage):
        return value.value
    if isinstance(value, FieldName):
        return value.name
    if value is None or isinstance(value, str | bool | int | Decimal | date | time):
        return value
    return str(getattr(value, "value", value))


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value).replace(",", ".").replace("\u00a0", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _date(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        return None


def _flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    return True if word in _YES else False if word in _NO else None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date | time) else str(value)
