"""Values as a script writes them: each text reads back as its value (`dsl.language.fr.values`)."""

from datetime import date, time
from decimal import Decimal

from relance import french
from relance.values import (
    Amount,
    Change,
    Comparator,
    Direction,
    Duration,
    FieldName,
    Percentage,
    Value,
    Weekday,
)

_COMPARATORS = {
    Comparator.GREATER: "supérieur à",
    Comparator.AT_LEAST: "au moins",
    Comparator.EQUAL: "égal à",
    Comparator.DIFFERENT: "différent de",
    Comparator.AT_MOST: "au plus",
    Comparator.LESS: "inférieur à",
}
_SIGNS = {"CAD": "$", "EUR": "€", "USD": "$US"}


def written(value: Value) -> str:
    """A value in French."""
    match value:
        case FieldName(name):
            return name
        case Comparator():
            return _COMPARATORS[value]
        case Direction():
            return value.value
        case Weekday():
            return french.WEEKDAYS[value.value]
        case Duration():
            return duration(value)
        case Percentage(share):
            return f"{number(share)} %"
        case Amount(amount, currency):
            return (
                f"{number(amount)} {_SIGNS.get(currency, currency)}" if currency else number(amount)
            )
        case Change(amount, absolute):
            return f"={amount}" if absolute else f"{amount:+d}"
        case date():
            return day(value)
        case time():
            return f"{value.hour} h" + (f" {value.minute:02}" if value.minute else "")
        case Decimal():
            return number(value)
    return "" if value is None else str(value)


def number(value: Decimal) -> str:
    """« 1234,5 »."""
    return f"{value.normalize() + 0:f}".replace(".", ",")


def day(value: date) -> str:
    """« 24 décembre 2026 », « 1er août 2026 »."""
    first = "1er" if value.day == 1 else str(value.day)
    return f"{first} {french.MONTHS[value.month - 1]} {value.year}"


def duration(value: Duration) -> str:
    """« 3 jours », « 1 mois et 2 heures »."""
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [
        f"{count} {one}{'s' if count > 1 and one != 'mois' else ''}"
        for count, one in (
            (value.months, "mois"),
            (value.days, "jour"),
            (hours, "heure"),
            (minutes, "minute"),
            (seconds, "seconde"),
        )
        if count
    ]
    return " et ".join(parts) or "0 minute"
