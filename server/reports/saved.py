"""What a saved report asks when it is asked again: the same question, of the days it means by then."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeAlias
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.report import Report, ReportSet
from server.reports import relative_days
from server.reports.performance.house import CourseStep
from server.reports.performance.offered import (
    OFFERED,
    DatedBy,
    NamedFor,
    OfferedReport,
    ReportAsked,
    ReportGround,
)
from server.reports.performance.reading import DaySpan
from server.reports.relative_days import RelativeDays
from server.store.saved_reports import SavedQuestion

#: The days of one whose code this release does not know.
_USUAL = "30-jours"
#: What an address says under « avant » of a report that is beside nothing.
ALONE = "non"

Whole: TypeAlias = Report | ReportSet


def savable(one: OfferedReport) -> bool:
    """Whether it may be saved: what is of one person is her own page."""
    return one.named is not NamedFor.LEAD


def offered_of(asked: SavedQuestion, added: Iterable[OfferedReport]) -> OfferedReport | None:
    """The report it asks; None when nothing offers it any more."""
    return OFFERED.get(asked.report) or next(
        (one for one in added if one.word == asked.report), None
    )


def days_of(asked: SavedQuestion, today: date) -> DaySpan:
    """The days it means on that one."""
    return _meant(asked).on(today)


def _meant(asked: SavedQuestion) -> RelativeDays:
    return relative_days.read(asked.days) or relative_days.CHOICES[_USUAL]


def asked_on(asked: SavedQuestion, today: date, most: int) -> ReportAsked:
    """The same question, on a day."""
    paces = {one.value: one for one in CourseStep}
    pace = paces.get(asked.pace, CourseStep.DAY)
    return ReportAsked(days_of(asked, today), asked.subject, asked.campaign, pace, "", most)


def in_words(asked: SavedQuestion, one: OfferedReport | None) -> str:
    """« Une campagne : Tarifs, les 30 derniers jours »."""
    if one is None:
        return "Ce rapport vient d’une extension qui n’est plus là."
    said = [f"{one.title} : {asked.subject}" if asked.subject else one.title]
    if asked.campaign:
        said.append(f"de la campagne «\u00a0{asked.campaign}\u00a0»")
    if one.dated is DatedBy.PERIOD:
        said.append(_meant(asked).title)
    if one.paced:
        said.append(f"par {asked.pace}")
    return ", ".join(said)


async def beside_former(
    one: OfferedReport,
    conn: AsyncConnection,
    ground: ReportGround,
    asked: ReportAsked,
    *,
    compared: bool,
) -> tuple[Whole, Whole | None]:
    """What it tells, and of as long a time just before: None where that is not `compared`, or has no sense.

    Raises `Unreported` when there is nothing to tell of what is asked.
    """
    now = await one.read(conn, ground, asked)
    if one.dated is not DatedBy.PERIOD or not compared:
        return now, None
    former = replace(asked, days=relative_days.former(asked.days))
    return now, await one.read(conn, ground, former)


def by_key(found: Whole, word: str) -> Mapping[str, Report]:
    """Its parts by key; of one alone, by the word it is asked by."""
    return {word: found} if isinstance(found, Report) else found.parts


def address_of(one: OfferedReport, asked: SavedQuestion, days: DaySpan) -> str:
    """The page of it, of those days: its path and its query."""
    given = {"nom": asked.subject, "campagne": asked.campaign}
    if one.dated is DatedBy.PERIOD:
        given = {"du": days.first.isoformat(), "au": days.last.isoformat(), **given}
    given["par"] = asked.pace if one.paced and asked.pace != CourseStep.DAY.value else ""
    given["avant"] = "" if asked.compared else ALONE
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/rapports/{one.word}{f'?{query}' if query else ''}"
