"""What a list holds, and who joined it over a period."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.report import CellType, Column, Columns, Report, report
from server.reports.performance.campaign import span
from server.reports.performance.reading import DaySpan
from server.store.instants import midnight
from server.store.schema.leads import leads, list_members, lists
from server.store.schema.rules import dynamic_lists


class ListGrowth(NamedTuple):
    """A list: how many are on it, how many of them joined in the period, or have an address."""

    name: str
    members: int
    joined: int
    reachable: int


async def names(conn: AsyncConnection) -> Sequence[str]:
    """Every list, static or not."""
    query = select(lists.c.name).union(select(dynamic_lists.c.name))
    return sorted((await conn.scalars(query)).all())


async def list_lines(
    conn: AsyncConnection, wanted: Sequence[str], days: DaySpan, zone: ZoneInfo
) -> Sequence[ListGrowth]:
    """What these hold, in the order of their names."""
    first = midnight(days.first, zone)
    after = midnight(days.last + timedelta(days=1), zone)
    joined = func.count().filter(list_members.c.since >= first, list_members.c.since < after)
    reached = func.count().filter(leads.c.f_courriel.is_not(None))
    query = (
        select(list_members.c.list_key, func.count(), joined, reached)
        .join_from(list_members, leads, leads.c.id == list_members.c.lead_id)
        .where(list_members.c.list_key.in_([key_of(name) for name in wanted]))
        .group_by(list_members.c.list_key)
    )
    found = {key: counts for key, *counts in await conn.execute(query)}
    return [ListGrowth(name, *found.get(key_of(name), (0, 0, 0))) for name in wanted]


_LISTS: Columns[ListGrowth] = {
    Column("Liste", "liste"): lambda one: one.name,
    Column("Membres", "membres", CellType.COUNT, of_now=True): lambda one: one.members,
    Column("Arrivés dans la période", "arrives", CellType.COUNT): lambda one: one.joined,
    Column("Avec un courriel", "avec_courriel", CellType.COUNT, of_now=True): lambda one: (
        one.reachable
    ),
}


def lists_performance_report(lines: Sequence[ListGrowth], days: DaySpan) -> Report:
    """Each list, and who came to it among those still there."""
    return report(f"Listes, {span(days)}", _LISTS, lines, empty="Aucune liste.")
