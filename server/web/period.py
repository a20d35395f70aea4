"""The days that a page is of: what its address says, and what is proposed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from server.reports.performance.reading import DaySpan
from server.reports.relative_days import CHOICES, LONGEST

_USUAL = 30
#: What is proposed above a report.
_NAMED = "periode"
_PROPOSED = ("7-jours", "30-jours", "ce-mois", "mois-passe", "cette-annee")


@dataclass(frozen=True, slots=True)
class Preset:
    """A period that is often wanted; `current`: the one that is shown, of those of the same days one."""

    title: str
    span: DaySpan
    current: bool
    #: What the address adds to its days, so that they are known to be those of that name.
    named: str


def period(given: Mapping[str, str], today: date) -> tuple[DaySpan, str]:
    """The days that « du » and « au » say, and why they are not those, if so: the usual ones then."""
    usual = DaySpan(today - timedelta(days=_USUAL - 1), today)
    first, last = _day(given.get("du", "")), _day(given.get("au", ""))
    last_day = last or max(usual.last, first or usual.last)
    asked = DaySpan(first or last_day - timedelta(days=_USUAL - 1), last_day)
    if asked.first > asked.last:
        return usual, "Le premier jour vient après le dernier : échangez-les."
    if (asked.last - asked.first).days > LONGEST:
        return usual, "Choisissez trois ans au plus."
    return asked, ""


def presets(today: date, shown: DaySpan, given: Mapping[str, str]) -> Sequence[Preset]:
    """Those proposed above a report of these days. `given`: what its address says."""
    spans = {code: CHOICES[code].on(today) for code in _PROPOSED}
    same = [code for code, span in spans.items() if span == shown]
    asked = given.get(_NAMED, "")
    current = asked if asked in same else next(iter(same), "")
    return [
        Preset(CHOICES[code].short, span, code == current, f"{_NAMED}={code}")
        for code, span in spans.items()
    ]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 < found.year < 2200 else None
