"""What the whole house came to: its campaigns, its leads, its messages, its conversions, day by day."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Exit
from relance.fold import key_of
from relance.report import CellType, Column, Columns, Layout, Report, ReportSet, report
from server.engine.life.state import State
from server.reports.glossary import Glossary
from server.reports.performance.campaign import progress, span, steps_of
from server.reports.performance.messages import channel_lines, messages_report
from server.reports.performance.reading import EVER, HOUSE, DaySpan, counted, date_of
from server.store.counters.counted import OF_ALL_TIME, OF_HOUSE
from server.store.schema.campaigns import campaigns, versions


class CourseStep(StrEnum):
    """By what a course over time is told."""

    DAY = "jour"
    WEEK = "semaine"
    MONTH = "mois"

    def begins(self, day: date) -> date:
        """The first day of the one that a day is in."""
        if self is CourseStep.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self is CourseStep.MONTH else day

    def spans(self, days: DaySpan) -> Iterator[DaySpan]:
        """Its days, weeks or months, the first and the last no longer than the whole is."""
        for _, group in groupby(days, self.begins):
            first, *others = group
            yield DaySpan(first, others[-1] if others else first)


@dataclass
class CampaignProgress:
    """A campaign among others."""

    name: str
    entered: int
    inside: int
    left: int
    succeeded: int
    progress: float | None


async def campaign_lines(
    conn: AsyncConnection, days: DaySpan, most: int
) -> Sequence[CampaignProgress]:
    """The active campaigns, as they are published; one more than `most`, where there are more."""
    query = (
        select(campaigns.c.id, campaigns.c.name)
        .where(campaigns.c.present, campaigns.c.state == State.ACTIVE.value)
        .order_by(campaigns.c.name)
        .limit(most + 1)
    )
    found = (await conn.execute(query)).all()
    ids = [row.id for row in found]
    entered = _by(await counted(conn, ids, ("entered",), days, "campaign_id"))
    left = _by(await counted(conn, ids, ("left",), days, "campaign_id"))
    gone = _by(await counted(conn, ids, (f"{OF_ALL_TIME}left",), None, "campaign_id"))
    won = _by(await counted(conn, ids, ("succeeded",), days, "campaign_id"))
    inside: defaultdict[int, list[Any]] = defaultdict(list)
    for row in await counted(conn, ids, ("inside",), None, "campaign_id", "version_id", "subject"):
        if row.n:
            inside[row.campaign_id].append(row)
    # Who has passed no named step is nowhere yet, whatever the program.
    wanted = {row.version_id for rows in inside.values() for row in rows if row.subject}
    known = select(versions.c.id, versions.c.program).where(versions.c.id.in_(sorted(wanted)))
    steps = {row.id: steps_of(row.program) for row in await conn.execute(known)}
    return [
        CampaignProgress(
            row.name,
            entered.get(row.id, 0),
            sum(one.n for one in inside[row.id]),
            left.get(row.id, 0),
            won.get(row.id, 0),
            progress(steps, inside[row.id], gone.get(row.id, 0)),
        )
        for row in found
    ]


def _by(rows: Sequence[Any]) -> Mapping[int, int]:
    return {row.campaign_id: row.n for row in rows}


_CAMPAIGNS: Columns[CampaignProgress] = {
    Column("Campagne", "campagne"): lambda one: one.name,
    Column("Progression", "progression", CellType.SHARE, of_now=True): lambda one: one.progress,
    Column("Entrées", "entrees", CellType.COUNT): lambda one: one.entered,
    Column("À l’intérieur", "a_l_interieur", CellType.COUNT, of_now=True): lambda one: one.inside,
    Column("Sorties", "sorties", CellType.COUNT): lambda one: one.left,
    Column("Réussies", "reussies", CellType.COUNT): lambda one: one.succeeded,
    Column("Taux de réussite", "taux_reussite", CellType.SHARE, base="sorties"): lambda one: (
        one.succeeded / one.left if one.left else None
    ),
}


_MORE = "Il y en a d’autres : un fichier les a toutes."


def campaigns_report(lines: Sequence[CampaignProgress], days: DaySpan, most: int) -> Report:
    """Each active campaign, and how far its people are; `most` at once."""
    title, empty = f"Campagnes actives, {span(days)}", "Aucune campagne n’est active."
    return report(title, _CAMPAIGNS, lines, empty=empty, most=most, cut=_MORE)


# --- The house ------------------------------------------------------------------------------


@dataclass
class CourseLine:
    """A day, a week or a month."""

    first: date
    counts: dict[str, int] = field(default_factory=dict)


async def course(
    conn: AsyncConnection, days: DaySpan, pace: CourseStep, campaign: int | None = None
) -> Sequence[CourseLine]:
    """Each, those where nothing happened too; of that campaign, or of the house."""
    by = ("day", "kind", "subject")
    if campaign is None:
        of_all = [f"{OF_HOUSE}{kind}" for kind in _KINDS]
        rows = await counted(conn, HOUSE, (*of_all, "lead", "converted"), days, *by)
    else:
        rows = await counted(conn, (campaign,), _KINDS, days, *by)
    lines = {pace.begins(day): CourseLine(pace.begins(day)) for day in days}
    for row in rows:
        counts = lines[pace.begins(date_of(row.day))].counts
        of = row.kind.removeprefix(OF_HOUSE)
        won = of == "left" and row.subject == Exit.SUCCESS.value
        for kind in (of, *(["succeeded"] if won else [])):
            counts[kind] = counts.get(kind, 0) + row.n
    return list(lines.values())


#: What a course counts, of a campaign or of all of them.
_KINDS = ("entered", "left", "message sent", "message clicked")
_COURSE = {
    "entered": Column("Entrées", "entrees", CellType.COUNT),
    "left": Column("Sorties", "sorties", CellType.COUNT),
    "succeeded": Column("Réussies", "reussies", CellType.COUNT),
    "message sent": Column("Messages envoyés", "envoyes", CellType.COUNT),
}
_COURSE_OF_HOUSE = {
    "lead": Column("Nouveaux leads", "leads", CellType.COUNT),
    "converted": Column("Conversions", "realisees", CellType.COUNT),
}


def course_report(lines: Sequence[CourseLine], title: str, *, of_house: bool) -> Report:
    """What happened over time."""
    kinds = {**(_COURSE_OF_HOUSE if of_house else {}), **_COURSE}
    columns: Columns[CourseLine] = {
        Column("Depuis le", "depuis_le", CellType.DAY): lambda line: line.first,
        **{column: _count_of(kind) for kind, column in kinds.items()},
    }
    return report(title, columns, lines)


def _count_of(kind: str) -> Any:
    return lambda line: line.counts.get(kind, 0)


async def house_reports(
    conn: AsyncConnection, days: DaySpan, pace: CourseStep, glossary: Glossary, most: int
) -> ReportSet:
    """Leads, campaigns (`most` of them at once), messages and conversions of a period."""
    known, lines = await _known(conn), await course(conn, days, pace)
    channels = await channel_lines(conn, days)
    others = {
        "campagnes": campaigns_report(await campaign_lines(conn, days, most), days, most),
        "canaux": messages_report(channels, glossary, each=False),
        "realisees": conversions_report(await conversions(conn, days), days),
    }
    return house_parts(known, lines, others, days)


async def house_head(conn: AsyncConnection, days: DaySpan, pace: CourseStep) -> ReportSet:
    """Of it, what it came to and its course: what the first page of reports shows."""
    return house_parts(await _known(conn), await course(conn, days, pace), {}, days)


async def _known(conn: AsyncConnection) -> int:
    return int((await counted(conn, HOUSE, ("lead",), EVER))[0].n)


def house_parts(
    known: int, lines: Sequence[CourseLine], others: Mapping[str, Report], days: DaySpan
) -> ReportSet:
    """The whole of it, from its course and what else is told. `known`: leads there are."""
    title = f"La maison, {span(days)}"
    columns: Columns[Mapping[str, int]] = {
        Column("Leads", "leads", CellType.COUNT, of_now=True): lambda _: known,
        **{column: _sum_of(kind) for kind, column in {**_COURSE_OF_HOUSE, **_COURSE}.items()},
    }
    columns = {_renamed(column): cell for column, cell in columns.items()}
    sums: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        for kind, n in line.counts.items():
            sums[kind] += n
    parts = {
        "resume": report(title, columns, [sums], layout=Layout.RECORD),
        **others,
        "cours": course_report(lines, "Au fil du temps", of_house=True),
    }
    return ReportSet(title, parts)


def _sum_of(kind: str) -> Any:
    return lambda sums: sums.get(kind, 0)


def _renamed(column: Column) -> Column:
    new = column.heading == "Nouveaux leads"
    return replace(column, key="nouveaux_leads") if new else column


# --- Conversions and sources ----------------------------------------------------------------


async def conversions(conn: AsyncConnection, days: DaySpan, name: str = "") -> Sequence[Any]:
    """How often each conversion was made in the period."""
    rows = await counted(conn, HOUSE, ("converted",), days, "subject")
    wanted = [row for row in rows if row.n and (not name or key_of(row.subject) == key_of(name))]
    return sorted(wanted, key=lambda row: -row.n)


_CONVERSIONS: Columns[Any] = {
    Column("Conversion", "conversion"): lambda row: row.subject,
    Column("Réalisée", "realisee", CellType.COUNT): lambda row: row.n,
}


def conversions_report(rows: Sequence[Any], days: DaySpan) -> Report:
    """One a row, how often it was made."""
    empty = "Aucune conversion dans cette période."
    return report(f"Conversions, {span(days)}", _CONVERSIONS, rows, empty=empty)
