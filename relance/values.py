"""The values a script can hold, as a plugin receives them in its slots.

Plain frozen data: no French, no parsing (`dsl.language.fr.values` reads them), no database.
Numbers are `Decimal`, calendar dates `datetime.date`, clock times `datetime.time`,
free text `str`; the classes below are what Python has no type for.
"""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import TypeAlias


class Comparator(Enum):
    """How two values are compared; the value is the symbol shown to people."""

    GREATER = ">"
    AT_LEAST = "≥"
    EQUAL = "="
    DIFFERENT = "≠"
    AT_MOST = "≤"
    LESS = "<"


class Direction(Enum):
    """On which side of a date another one stands."""

    BEFORE = "avant"
    AFTER = "après"


class Weekday(Enum):
    """A day of the week, numbered as `datetime.date.weekday` does."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time whose three parts are never converted into one another.

    `months` and `days` are calendar units of the zone that applies (the same local
    time on another day); `seconds` is elapsed time. A week is seven days.
    """

    months: int = 0
    days: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Percentage:
    """A share of a hundred: `Percentage(Decimal(50))` is « 50 % »."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money; `currency` is an ISO 4217 code, or None when unsaid."""

    value: Decimal
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a score: relative (`+10`, `-5`) or, when `absolute`, a new value (`=50`)."""

    amount: int
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class FieldName:
    """The name of a lead field, as declared (`ville`, `date de naissance`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Several:
    """What came under one name several times, in order; what it makes depends on the field's type:
    the last one said, yes when a box says both, texts together.
    """

    values: tuple[object, ...]


Value: TypeAlias = (
    str
    | bool
    | int
    | Decimal
    | date
    | time
    | Comparator
    | Direction
    | Weekday
    | Duration
    | Percentage
    | Amount
    | Change
    | FieldName
    | None
)


def whole(number: Decimal) -> int:
    """`number` as an integer; ValueError, with a message for the author, if it is not one."""
    if number != number.to_integral_value():
        raise ValueError(f"{str(number).replace('.', ',')} n’est pas un nombre entier")
    return int(number)


def days_of(duration: Duration) -> int:
    """A duration that is a number of days; ValueError, for the author, if it is anything else."""
    if duration.months or duration.seconds:
        raise ValueError("cette phrase compte en jours ou en semaines ; écrivez « 3 jours »")
    return duration.days


def minutes_of(duration: Duration) -> int:
    """A duration in minutes, days of 24 hours; ValueError, for the author, if it counts months."""
    if duration.months:
        raise ValueError(
            "cette phrase compte en minutes, en heures ou en jours ; pour un mois, écrivez «\u00a030 jours\u00a0»"
        )
    return duration.days * 24 * 60 + duration.seconds // 60
