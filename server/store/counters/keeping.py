"""Having a base count: from its first opening on, or anew when what is counted is not what it was."""

import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.counters import visitors
from server.store.counters.counted import COUNTED, VISITOR_DAYS
from server.store.counters.triggers import ADDED, COLUMNS, recounted, triggers
from server.store.counting import PRESENT, SETTING, counted_by, drop
from server.store.instants import Micros, to_micros
from server.store.schema.server import KEEP_SETTING
from server.store.store import Store

log = logging.getLogger("relance.store")

_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
#: No zone puts its clocks forward and back again sooner.
_BETWEEN = timedelta(days=7)
_SAMPLED = tuple(
    datetime(year, month, 1, tzinfo=UTC) for year in range(1970, 2100) for month in (1, 7)
)


async def keep(store: Store, zone: ZoneInfo) -> None:
    """Have the base count in the days of that zone; nothing is done when it does.

    Else everything is counted from the ledger, while nobody writes: some seconds for each million
    rows. `read` tells whether it does.
    """
    wanted = _signature(store.dialect, zone)
    async with store.read() as conn:
        if await counted_by(conn) == wanted and await _there(conn, store.dialect):
            return
    async with store.write() as conn:
        await recount(conn, zone)
    store.counting = True
    log.info("les comptes des rapports sont tenus (fuseau %s)", zone.key)


async def recount(conn: AsyncConnection, zone: ZoneInfo) -> None:
    """Count everything from the ledger, and from now on what is written."""
    dialect = conn.dialect.name
    if dialect == "postgresql":
        tables = ", ".join(sorted({one.table for one in COUNTED}))
        await conn.exec_driver_sql(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
    await conn.run_sync(drop)
    for table in ("counters", "counter_changes", "zone_shifts", "counting", VISITOR_DAYS):
        await conn.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 — names of ours
    await conn.exec_driver_sql("INSERT INTO counting (number, by_row) VALUES (1, true)")
    await conn.execute(
        text("INSERT INTO zone_shifts (since, shift) VALUES (:since, :shift)"),
        [{"since": since, "shift": shift} for since, shift in shifts(zone)],
    )
    await conn.exec_driver_sql(visitors.filling())
    for one in COUNTED:
        counting = recounted(one, dialect)
        await conn.exec_driver_sql(
            f"INSERT INTO counters ({COLUMNS}) SELECT * FROM ({counting}) AS found WHERE true {ADDED}"  # noqa: S608
        )
    for trigger in triggers(dialect):
        for statement in trigger.made_by:
            await conn.exec_driver_sql(statement)
    await conn.execute(KEEP_SETTING, {"name": SETTING, "value": _signature(dialect, zone)})


async def _there(conn: AsyncConnection, dialect: str) -> bool:
    found = (await conn.exec_driver_sql(PRESENT[dialect])).scalars().all()
    return set(found) == {one.name for one in triggers(dialect)}


@cache
def shifts(zone: ZoneInfo) -> Sequence[tuple[Micros, int]]:
    """How far its clocks are from UTC, in microseconds, since each instant where that changes."""
    at, shift = _FIRST, _shift(zone, _FIRST)
    found = [(-(2**62), shift)]
    while at < _LAST:
        following = at + _BETWEEN
        if (changed := _shift(zone, following)) != shift:
            found.append((to_micros(_turn(zone, at, following)), changed))
            shift = changed
        at = following
    return found


def _turn(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The instant between these where clocks are put forward or back, to the second."""
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        middle = middle.replace(microsecond=0)
        if _shift(zone, middle) == _shift(zone, before):
            before = middle
        else:
            after = middle
    return after


def _shift(zone: ZoneInfo, at: datetime) -> int:
    away = at.astimezone(zone).utcoffset() or timedelta()
    return away // timedelta(microseconds=1)


@cache
def _signature(dialect: str, zone: ZoneInfo) -> str:
    """By what a base counts: other triggers, another zone or other rules of that zone make another."""
    made: Sequence[str] = [text for one in triggers(dialect) for text in one.made_by]
    clocks = [str(_shift(zone, at)) for at in _SAMPLED]
    return hashlib.sha256("\n".join((*made, zone.key, *clocks)).encode()).hexdigest()
