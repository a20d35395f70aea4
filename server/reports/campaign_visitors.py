"""How many of those who entered a campaign saw a page since they did, over each of some periods.

By the days on which people came (`server.store.counters.visitors`), read once for all the periods, from
whichever take less: those who came, or those who entered. Pages are asked about only for who came on the
day of their entry, and on days that a period has but a part of.
"""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.events import PAGE_VISITED
from server.reports.visitors import VisitedDays, VisitorCount, columns_of, each_of
from server.store.counters.counted import OF_ALL_TIME, VISITOR_DAYS, VISITORS
from server.store.instants import Micros

#: How many who came are looked at in the time of one who entered.
_DEARER = 8
#: So many questions of pages are asked at once.
_AT_ONCE = 5_000


class EntrantDay(NamedTuple):
    """A day on which a lead came who had entered by its end: `since` when."""

    lead: int
    day: int
    since: Micros


class PageAsked(NamedTuple):
    """Whether a lead saw a page from an instant to another, the second left out. `number`: its place."""

    number: int
    lead: int
    since: Micros
    until: Micros


async def campaign_visitors(
    visitors: VisitorCount, campaign: int, periods: Sequence[VisitedDays]
) -> Sequence[int]:
    """How many there were over each."""
    conn = visitors.conn
    first, last = min(one.first for one in periods), max(one.last for one in periods)
    came = [(one, visitors.day(one.since)) for one in await _came(conn, campaign, first, last)]
    rows = [one for one, entered in came if one.day >= entered]
    same_day = [one for one, entered in came if one.day == entered]
    ends = {day: visitors.end_of(day) for day in {one.day for one in same_day}}
    asked = [PageAsked(n, one.lead, one.since, ends[one.day]) for n, one in enumerate(same_day)]
    seen = await _seen(conn, asked)
    before = {same_day[n] for n in range(len(same_day)) if n not in seen}
    by_day: dict[int, list[EntrantDay]] = {}
    for one in rows:
        if one not in before:
            by_day.setdefault(one.day, []).append(one)
    found = [
        {
            one.lead
            for day, there in by_day.items()
            if period.first_whole <= day <= period.last_whole
            for one in there
        }
        for period in periods
    ]
    partly = list(_partly(periods, by_day, found))
    parts = await _seen(conn, [PageAsked(n, *asked[1:]) for n, (_, asked) in enumerate(partly)])
    for n in parts:
        place, asked_of = partly[n]
        found[place].add(asked_of.lead)
    return [len(one) for one in found]


def _partly(
    periods: Sequence[VisitedDays], by_day: dict[int, list[EntrantDay]], found: Sequence[set[int]]
) -> Iterator[tuple[int, PageAsked]]:
    """By the place of its period, what is to be asked of who came on a day that it has a part of."""
    for place, period in enumerate(periods):
        for day in period.partial:
            for one in by_day.get(day, ()):
                if one.lead not in found[place]:
                    since = max(period.since, one.since)
                    yield place, PageAsked(0, one.lead, since, period.until)


async def _came(
    conn: AsyncConnection, campaign: int, first: int, last: int
) -> Sequence[EntrantDay]:
    """On which of those days who of them came."""
    asked = {"campaign": campaign, "first": first, "last": last}
    came, entered = (await conn.execute(_FEWER[conn.dialect.name], asked)).one()
    order = _BY_DAY if came <= _DEARER * entered else _BY_ENTRANT
    return [EntrantDay(*row) for row in await conn.execute(order, asked)]


async def _seen(conn: AsyncConnection, asked: Sequence[PageAsked]) -> set[int]:
    """The numbers of those that saw one."""
    found: set[int] = set()
    for at in range(0, len(asked), _AT_ONCE):
        given = {"asked": json.dumps(asked[at : at + _AT_ONCE])}
        found |= {row.number for row in await conn.execute(_SEEN[conn.dialect.name], given)}
    return found


def _fewer(dialect: str) -> str:
    """How often people came on those days, and how often anybody entered."""
    tables = ("counters", "counter_changes") if dialect == "postgresql" else ("counters",)

    def summed(tests: str) -> str:
        each = " UNION ALL ".join(f"SELECT n FROM {one} WHERE {tests}" for one in tables)  # noqa: S608
        return f"(SELECT coalesce(sum(n), 0) FROM ({each}) AS counted)"  # noqa: S608

    came = f"campaign_id = 0 AND kind = '{VISITORS}' AND day BETWEEN :first AND :last"
    entered = f"campaign_id = :campaign AND kind = '{OF_ALL_TIME}entered' AND day = 0"
    return f"SELECT {summed(came)}, {summed(entered)}"


def _seen_in(dialect: str) -> str:
    pages = (
        f"e.lead_id = a.lead AND e.type = '{PAGE_VISITED}' "
        "AND e.occurred_at >= a.since AND e.occurred_at < a.until"
    )
    rows = f"SELECT {columns_of(PageAsked._fields, dialect)} FROM {each_of('asked', dialect)}"  # noqa: S608
    return (
        f"SELECT a.number FROM ({rows}) AS a "  # noqa: S608
        f"WHERE EXISTS (SELECT 1 FROM events e WHERE {pages})"
    )


_DIALECTS = ("sqlite", "postgresql")
_FEWER = {dialect: text(_fewer(dialect)) for dialect in _DIALECTS}
_SEEN = {dialect: text(_seen_in(dialect)) for dialect in _DIALECTS}
_BY_DAY = text(
    f"SELECT v.lead_id, v.day, min(n.entered_at) FROM {VISITOR_DAYS} v "  # noqa: S608
    "CROSS JOIN enrolments n WHERE v.day BETWEEN :first AND :last "
    "AND n.lead_id = v.lead_id AND n.campaign_id = :campaign GROUP BY v.day, v.lead_id"
)
_ENTRANTS = "SELECT lead_id FROM enrolments WHERE campaign_id = :campaign AND {}"
_BY_ENTRANT = text(
    "SELECT v.lead_id, v.day, (SELECT min(s.entered_at) FROM enrolments s "  # noqa: S608
    "WHERE s.lead_id = v.lead_id AND s.campaign_id = :campaign) "
    f"FROM ({_ENTRANTS.format('active')} UNION {_ENTRANTS.format('NOT active')}) AS n "
    f"CROSS JOIN {VISITOR_DAYS} v WHERE v.lead_id = n.lead_id AND v.day BETWEEN :first AND :last"
)
