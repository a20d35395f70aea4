"""Bounds: values beyond what a calendar or a database can hold are refused while someone reads.

Unlikely in earnest, but a zero too many must not become an error of the server's at night.
"""

from datetime import date
from decimal import Decimal

from relance.slot import Unreadable
from relance.values import Amount, Change, Duration, Percentage, Value

_NUMBER = Decimal(10) ** 15
_SCORE = 10**9
_YEARS = 100
_FIRST, _LAST = date(1800, 1, 1), date(2300, 1, 1)


def bounded(value: Value | Unreadable) -> Value | Unreadable:
    """`value` itself, or why it is out of bounds."""
    if isinstance(value, Duration):
        years = value.months / 12 + value.days / 365 + value.seconds / 31_536_000
        if years > _YEARS:
            return Unreadable("cette durée dépasse cent ans")
    elif isinstance(value, date):
        if not _FIRST <= value < _LAST:
            return Unreadable("cette date est trop loin de nous", "24 décembre 2026")
    elif isinstance(value, Change):
        if abs(value.amount) > _SCORE:
            return Unreadable("ce changement est trop grand", "+10")
    else:
        number = value.value if isinstance(value, Amount | Percentage) else value
        if isinstance(number, Decimal) and abs(number) >= _NUMBER:
            return Unreadable("ce nombre est trop grand")
    return value
