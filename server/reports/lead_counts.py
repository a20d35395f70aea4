"""How many leads did something over a period, and something else besides.

Of those who saw a page, which is most of what happens, by the days on which they came
(`server.reports.visitors`): the pages themselves are gone through by nobody.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.events import PAGE_VISITED, EventPattern
from relance.indicator import LeadCount, Measure
from server.engine.conditions.patterns import matches
from server.reports.campaign_visitors import campaign_visitors
from server.reports.indicator_periods import WRITTEN, Period, Periods, bounds, entered, within
from server.reports.visitors import rows_of_periods, visitor_count
from server.store.measured import among
from server.store.schema.counters import visitor_days
from server.store.schema.events import events

_OF_SITE = EventPattern(PAGE_VISITED)


def by_days(measure: Measure) -> bool:
    """Whether that is of all who saw any page, of whom the base keeps on which days they came."""
    return isinstance(measure, LeadCount) and measure.pattern == _OF_SITE


async def counted_leads(
    conn: AsyncConnection,
    measure: LeadCount,
    each: Sequence[Period],
    over: Periods,
    indexed: tuple[str, ...],
) -> Sequence[tuple[int, int]]:
    """By the number of its period, of `each` of them, how many there are; those with none left out.

    `indexed`: the types of the index by which periods are counted.
    """
    visitors = await visitor_count(conn) if by_days(measure) else None
    if visitors is None:
        return await _by_events(conn, measure, each, over, indexed)
    days = visitors.days(each)
    if measure.also is None:
        if over.campaign is None:
            return list(enumerate(await visitors.count(days)))
        return list(enumerate(await campaign_visitors(visitors, over.campaign, days)))
    dialect = conn.dialect.name
    query = days_query(measure.also, over.campaign, dialect, indexed)
    found = await conn.execute(query, {"periods": json.dumps(days)})
    return [(row[0], row[1]) for row in found]


async def _by_events(
    conn: AsyncConnection,
    measure: LeadCount,
    each: Sequence[Period],
    over: Periods,
    indexed: tuple[str, ...],
) -> Sequence[tuple[int, int]]:
    query = leads_query(measure, over, conn.dialect.name, indexed)
    found = await conn.execute(query, bounds(each))
    return [(row[0], row[1]) for row in found]


@lru_cache(WRITTEN)
def leads_query(
    measure: LeadCount, over: Periods, dialect: str, indexed: tuple[str, ...]
) -> Select[Any]:
    """The statement that counts them, by their events."""
    rows = events.alias("e")
    here = within(rows, [measure.pattern.type], over, indexed)
    seen = (
        select(over.number, rows.c.lead_id, *_named(over.start, over.end))
        .select_from(over.rows.join(rows, true()))
        .where(here, matches(measure.pattern, rows, dialect))
        .distinct()
    )
    return _counted(seen, measure, dialect)


@lru_cache(WRITTEN)
def days_query(
    also: EventPattern, campaign: int | None, dialect: str, indexed: tuple[str, ...]
) -> Select[Any]:
    """Of those who did that in each period, the ones who saw a page in it too, once in that campaign."""
    days = rows_of_periods(dialect)
    rows, came, pages = events.alias("p"), visitor_days.alias("v"), events.alias("e")
    held = [among(rows, indexed)] if also.type in indexed else []
    did = (
        *held,
        matches(also, rows, dialect),
        rows.c.occurred_at >= days.c.since,
        rows.c.occurred_at < days.c.until,
    )
    saw = [pages.c.lead_id == rows.c.lead_id, *_page_within(pages, days)]
    if campaign is not None:
        saw.append(entered(pages, campaign))
    by_page = select(1).where(*saw).correlate(rows, days).exists()
    whole = came.c.day.between(days.c.first_whole, days.c.last_whole)
    on_a_day = select(1).where(came.c.lead_id == rows.c.lead_id, whole).correlate(rows, days)
    found: Any = select(days.c.number, func.count(rows.c.lead_id.distinct()))
    query: Select[Any] = found.select_from(days.join(rows, and_(*did)))
    # A day says nothing of when in it somebody entered.
    seen = by_page if campaign is not None else or_(on_a_day.exists(), by_page)
    return query.where(seen).group_by(days.c.number)


def _page_within(rows: FromClause, days: FromClause) -> Sequence[ColumnElement[bool]]:
    """That an event is a page seen in a period."""
    at = rows.c.occurred_at
    return [rows.c.type == PAGE_VISITED, at >= days.c.since, at < days.c.until]


def _counted(seen: Select[Any], measure: LeadCount, dialect: str) -> Select[Any]:
    """How many those are by period, of those alone who did the other thing in it, if there is one."""
    who = seen.subquery()
    counts: Any = select(who.c.number, func.count())
    query: Select[Any] = counts.group_by(who.c.number)
    if measure.also is None:
        return query
    also = events.alias("p")
    did = (
        also.c.lead_id == who.c.lead_id,
        matches(measure.also, also, dialect),
        also.c.occurred_at >= who.c.start,
        also.c.occurred_at < who.c.end,
    )
    return query.where(select(1).where(*did).correlate(who).exists())


def _named(
    start: ColumnElement[int], end: ColumnElement[int]
) -> tuple[ColumnElement[int], ColumnElement[int]]:
    return start.label("start"), end.label("end")
