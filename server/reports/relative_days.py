"""Days said by their distance from today: what a report that is asked for again is of, each time.

A code is what is stored: « 30-jours », « mois-passe », or two days that stay the same
(« 2026-01-01_2026-01-31 »).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from server.reports import french
from server.reports.performance.reading import DaySpan

#: No report is of more days than this.
LONGEST = 3 * 366
_ROLLING = re.compile(r"([1-9][0-9]{0,3})-jours")
_FIXED = re.compile(r"(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, slots=True)
class RelativeDays:
    """`title`: « le mois passé »; `short`: on a button; `on`: the days it means on one."""

    code: str
    title: str
    short: str
    on: Callable[[date], DaySpan]


def _rolling(count: int) -> Callable[[date], DaySpan]:
    return lambda today: DaySpan(today - timedelta(days=count - 1), today)


def _yesterday(today: date) -> DaySpan:
    return DaySpan(today - timedelta(days=1), today - timedelta(days=1))


def _last_week(today: date) -> DaySpan:
    monday = today - timedelta(days=today.weekday() + 7)
    return DaySpan(monday, monday + timedelta(days=6))


def _this_month(today: date) -> DaySpan:
    first = today.replace(day=1)
    return DaySpan(first, months_after(first, 1) - timedelta(days=1))


def _last_month(today: date) -> DaySpan:
    first = today.replace(day=1)
    return DaySpan(months_after(first, -1), first - timedelta(days=1))


def _this_year(today: date) -> DaySpan:
    return DaySpan(today.replace(month=1, day=1), today)


#: Those proposed, the most wanted first.
CHOICES: Mapping[str, RelativeDays] = {
    one.code: one
    for one in (
        RelativeDays("7-jours", "les 7 derniers jours", "7 jours", _rolling(7)),
        RelativeDays("30-jours", "les 30 derniers jours", "30 jours", _rolling(30)),
        RelativeDays("hier", "hier", "Hier", _yesterday),
        RelativeDays("semaine-passee", "la semaine passée", "La semaine passée", _last_week),
        RelativeDays("ce-mois", "ce mois", "Ce mois", _this_month),
        RelativeDays("mois-passe", "le mois passé", "Le mois dernier", _last_month),
        RelativeDays("cette-annee", "cette année", "Cette année", _this_year),
    )
}


def read(code: str) -> RelativeDays | None:
    """What that code says; None of one that says nothing."""
    if code in CHOICES:
        return CHOICES[code]
    if (rolling := _ROLLING.fullmatch(code)) and int(rolling[1]) <= LONGEST:
        count = int(rolling[1])
        return RelativeDays(code, f"les {count} derniers jours", "", _rolling(count))
    if fixed := _FIXED.fullmatch(code):
        try:
            span = DaySpan(date.fromisoformat(fixed[1]), date.fromisoformat(fixed[2]))
        except ValueError:
            return None
        if span.first <= span.last and (span.last - span.first).days <= LONGEST:
            said = f"toujours du {french.day(span.first)} au {french.day(span.last)}"
            return RelativeDays(code, said, "", lambda _: span)
    return None


def likely(span: DaySpan, today: date) -> RelativeDays:
    """What days chosen on a screen mean the next time: they say nothing of themselves."""
    for one in CHOICES.values():
        if one.on(today) == span:
            return one
    code = f"{(span.last - span.first).days + 1}-jours" if span.last == today else ""
    found = read(code) or read(f"{span.first}_{span.last}")
    return found or CHOICES["30-jours"]


def former(span: DaySpan) -> DaySpan:
    """As long a time, just before; of whole months, as many whole months."""
    after = span.last + timedelta(days=1)
    if span.first.day == after.day == 1:
        months = (after.year - span.first.year) * 12 + after.month - span.first.month
        return DaySpan(months_after(span.first, -months), span.first - timedelta(days=1))
    length = span.last - span.first
    return DaySpan(span.first - length - timedelta(days=1), span.first - timedelta(days=1))


def months_after(first: date, months: int) -> date:
    """The first of the month so many months after one."""
    at = first.year * 12 + first.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)
