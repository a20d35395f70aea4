"""Which days are worked: Monday to Friday, less the holidays that a project keeps.

`[calendrier] feries` names places, whose holidays a library knows, and days of the project's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from holidays import HolidayBase, country_holidays, list_supported_countries

from dsl.language.fr import values
from relance.errors import ConfigurationError
from relance.fold import key_of
from relance.french import quoted
from relance.slot import Unreadable

_FRIDAY = 4


@dataclass(frozen=True)
class Calendar:
    """The holidays of some places, days of one year, and days of every year (month, day)."""

    places: tuple[HolidayBase, ...] = ()
    days: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()

    def works(self, day: date) -> bool:
        """Whether that day is worked."""
        if day.weekday() > _FRIDAY or day in self.days or (day.month, day.day) in self.yearly:
            return False
        return not any(day in place for place in self.places)


def calendar(written: Sequence[str], region: str) -> Calendar:
    """What `feries` says: « Québec » or « CA-QC », « FR », « 2026-12-24 », « 24 décembre »."""
    places: list[HolidayBase] = []
    days: set[date] = set()
    yearly: set[tuple[int, int]] = set()
    for text in written:
        if any(sign.isdigit() for sign in text) and "-" not in text[:3]:
            _add_day(text, days, yearly)
        else:
            places.append(_place(text, region))
    return Calendar(tuple(places), frozenset(days), frozenset(yearly))


def _add_day(text: str, days: set[date], yearly: set[tuple[int, int]]) -> None:
    """« 24 décembre » is of every year; a leap one reads 29 February too."""
    read = values.day(text)
    if isinstance(read, date):
        days.add(read)
        return
    every = values.day(f"{text} 2024")
    if isinstance(every, Unreadable) or not isinstance(every, date):
        raise ConfigurationError(
            f"{quoted('feries')} : {quoted(text)} n’est ni une date ni un lieu. Écrivez "
            f"{quoted('2026-12-24')} pour un jour, {quoted('24 décembre')} pour celui de chaque année, "
            f"{quoted('CA-QC')} ou {quoted('FR')} pour les fériés d’un lieu.",
            "feries",
        )
    yearly.add((every.month, every.day))


def _place(text: str, region: str) -> HolidayBase:
    """« CA-QC », « FR », or a part of the project's own country by its name, « Québec »."""
    country, _, part = text.upper().partition("-")
    known = list_supported_countries()
    if country in known and (not part or part in known[country]):
        return country_holidays(country, subdiv=part or None)
    # A collection of holidays is empty until it is asked of a day.
    aliases = country_holidays(region).subdivisions_aliases if region in known else {}
    names = {key_of(name): code for name, code in aliases.items()}
    if key_of(text) in names:
        return country_holidays(region, subdiv=names[key_of(text)])
    parts = known.get(country if part else region, [])
    choices = f" Lieux de ce pays : {', '.join(sorted(parts))}." if parts else ""
    raise ConfigurationError(
        f"{quoted('feries')} : {quoted(text)} n’est pas un lieu dont les jours fériés sont connus. "
        f"Écrivez un pays ({quoted('FR')}), ou un pays et sa région ({quoted('CA-QC')}).{choices}",
        "feries",
    )
