"""What a list holds, and who joined it over a period."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.report import CellType, Column, Columns, Report, report
from server.reports.performance.campaign import span
from server.reports.performance.reading import HOUSE, DaySpan, counted
from server.store.counters.counted import LONGEST
from server.store.counting import counted_by
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
    keys = {name: key_of(name) for name in wanted}
    held = await _held(conn, keys.values())
    joined = await _joined(conn, keys.values(), days, zone)
    return [
        ListGrowth(name, members, joined.get(key, 0), reached)
        for name, key in keys.items()
        for members, reached in (held.get(key, (0, 0)),)
    ]


async def _held(conn: AsyncConnection, keys: Collection[str]) -> Mapping[str, tuple[int, int]]:
    """How many are on each list, and how many of them have an address."""
    if await counted_by(conn) is not None:
        cut = {key[:LONGEST]: key for key in keys}
        rows = await counted(conn, HOUSE, ("listed",), None, "subject", subjects=cut)
        return {cut[row.subject]: (row.n, row.total) for row in rows}
    query = (
        select(list_members.c.list_key, func.count(), func.count(leads.c.f_courriel))
        .join_from(list_members, leads, leads.c.id == list_members.c.lead_id)
        .where(list_members.c.list_key.in_(sorted(keys)))
        .group_by(list_members.c.list_key)
    )
    return {key: (members, reached) for key, members, reached in await conn.execute(query)}


async def _joined(
    conn: AsyncConnection, keys: Collection[str], days: DaySpan, zone: ZoneInfo
) -> Mapping[str, int]:
    """How many of those on each list came to it in these days."""
    first = midnight(days.first, zone)
    after = midnight(days.last + timedelta(days=1), zone)
    query = (
        select(list_members.c.list_key, func.count())
        .where(
            list_members.c.list_key.in_(sorted(keys)),
            list_members.c.since >= first,
            list_members.c.since < after,
        )
        .group_by(list_members.c.list_key)
    )
    return {row[0]: row[1] for row in await conn.execute(query)}


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
