"""The days that a page is of: what its address says, what they are compared with, what is proposed."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from server.reports.performance.reading import DaySpan

_USUAL = 30
#: No report is of more days than this.
_MOST = 3 * 366


@dataclass(frozen=True, slots=True)
class Preset:
    """A period that is often wanted."""

    title: str
    span: DaySpan


def period(given: Mapping[str, str], today: date) -> tuple[DaySpan, str]:
    """The days that « du » and « au » say, and why they are not those, if so: the usual ones then."""
    usual = DaySpan(today - timedelta(days=_USUAL - 1), today)
    first, last = _day(given.get("du", "")), _day(given.get("au", ""))
    last_day = last or max(usual.last, first or usual.last)
    asked = DaySpan(first or last_day - timedelta(days=_USUAL - 1), last_day)
    if asked.first > asked.last:
        return usual, "Le premier jour vient après le dernier : échangez-les."
    if (asked.last - asked.first).days > _MOST:
        return usual, "Choisissez trois ans au plus."
    return asked, ""


def former(span: DaySpan) -> DaySpan:
    """As long a time, just before; of whole months, as many whole months."""
    after = span.last + timedelta(days=1)
    if span.first.day == after.day == 1:
        months = (after.year - span.first.year) * 12 + after.month - span.first.month
        return DaySpan(_months_before(span.first, months), span.first - timedelta(days=1))
    length = span.last - span.first
    return DaySpan(span.first - length - timedelta(days=1), span.first - timedelta(days=1))


def presets(today: date) -> Sequence[Preset]:
    """Those proposed above a report."""
    month = today.replace(day=1)
    before = _months_before(month, 1)
    return (
        Preset("7 jours", DaySpan(today - timedelta(days=6), today)),
        Preset("30 jours", DaySpan(today - timedelta(days=29), today)),
        Preset("Ce mois", DaySpan(month, today.replace(day=monthrange(*_month(today))[1]))),
        Preset("Le mois dernier", DaySpan(before, month - timedelta(days=1))),
        Preset("Cette année", DaySpan(today.replace(month=1, day=1), today)),
    )


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _months_before(first: date, months: int) -> date:
    at = first.year * 12 + first.month - 1 - months
    return date(at // 12, at % 12 + 1, 1)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 < found.year < 2200 else None
