"""Dates, numbers and durations as people read them in French."""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale

from relance.french import NBSP
from relance.values import Amount, Duration, Percentage

_MONTHS = (
    "janv.",
    "févr.",
    "mars",
    "avril",
    "mai",
    "juin",
    "juill.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
)


def day(value: date) -> str:
    """« 2 déc. 2026 »."""
    number = "1er" if value.day == 1 else str(value.day)
    return f"{number}{NBSP}{_MONTHS[value.month - 1]}{NBSP}{value.year}"


def hour(value: time) -> str:
    """« 9 h 03 », « 9 h »."""
    minutes = f"{NBSP}{value.minute:02}" if value.minute else ""
    return f"{value.hour}{NBSP}h{minutes}"


def instant(at: datetime, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """« 2 déc. 2026 à 9 h 03 », in that zone; with its seconds, « 9 h 03 min 07 s »."""
    local = at.astimezone(zone)
    if not seconds:
        return f"{day(local.date())} à {hour(local.time())}"
    clock = f"{local.hour}{NBSP}h{NBSP}{local.minute:02}{NBSP}min{NBSP}{local.second:02}{NBSP}s"
    return f"{day(local.date())} à {clock}"


#: Those that the CLDR only knows by the name of another.
_CITIES = {"America/Montreal": "Montréal"}


def zone_name(zone: ZoneInfo) -> str:
    """Which hours are told, once for all of them: « Heures de Montréal (America/Montreal). »"""
    named = _CITIES.get(zone.key) or Locale("fr").time_zones.get(zone.key, {}).get("city")
    place = named or zone.key.rpartition("/")[2].replace("_", " ")
    return f"Heures de {place} ({zone.key})." if place != zone.key else f"Heures {zone.key}."


def shared_minutes(instants: Iterable[datetime]) -> frozenset[datetime]:
    """Those that another one of a different second shares its minute with.

    Told to the minute, the order of what happened could not be followed.
    """
    found: dict[datetime, set[datetime]] = {}
    for at in instants:
        found.setdefault(at.replace(second=0, microsecond=0), set()).add(at)
    return frozenset(
        at
        for together in found.values()
        if len({one.second for one in together}) > 1
        for at in together
    )


def number(value: int | float | Decimal) -> str:
    """« 1 234,5 »: a comma, no-break thousands, no useless zeros."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    text = f"{exact:,f}".replace(",", NBSP).replace(".", ",")
    return text.rstrip("0").rstrip(",") if "," in text else text


def count(value: int, one: str, many: str | None = None) -> str:
    """« 1 jour », « 3 jours »; zero is singular in French."""
    word = one if abs(value) < 2 else (many or f"{one}s")
    return f"{number(value)}{NBSP}{word}"


def duration(value: Duration) -> str:
    """« 2 jours », « 1 mois et 3 jours », « 2 heures et 30 minutes »."""
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [
        count(amount, one, many)
        for amount, one, many in (
            (value.months, "mois", "mois"),
            (value.days, "jour", "jours"),
            (hours, "heure", "heures"),
            (minutes, "minute", "minutes"),
            (seconds, "seconde", "secondes"),
        )
        if amount
    ]
    if len(parts) < 2:
        return parts[0] if parts else count(0, "minute")
    return f"{', '.join(parts[:-1])} et {parts[-1]}"


def value(something: object) -> str:
    """Any value of a lead or of a leaf."""
    if something is None or something == "":
        return "vide"
    if isinstance(something, bool):
        return "oui" if something else "non"
    if isinstance(something, date):
        return day(something)
    if isinstance(something, time):
        return hour(something)
    if isinstance(something, Duration):
        return duration(something)
    if isinstance(something, Percentage):
        return f"{number(something.value)}{NBSP}%"
    if isinstance(something, Amount):
        return f"{number(something.value)}{NBSP}{something.currency or '$'}"
    if isinstance(something, int | float | Decimal):
        return number(something)
    return str(something)


def initials(name: str) -> str:
    """« AG » of « Aline Gagnon »: of the first word and of the last; a dot for who has none."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "·"
