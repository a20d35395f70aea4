"""Having a base count: from its first opening on, or anew when what is counted is not what it was."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.counters import visitors
from server.store.counters.basis import CountingBasis, Recounted, basis_of
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

    What it does not count as this release does is counted from the ledger, while nobody writes: of a base
    that never counted, or of another zone, everything, some seconds for each million rows.
    """
    wanted = basis_of(store.dialect, _clocks(zone))
    async with store.read() as conn:
        kept = await counted_by(conn)
        there = (await conn.exec_driver_sql(PRESENT[store.dialect])).scalars().all()
    if kept == wanted.text and set(there) == set(wanted.triggers):
        return
    again = wanted.since(CountingBasis.read(kept), there)
    async with store.write() as conn:
        await recount(conn, zone, again)
    store.counting = True
    log.info("les comptes des rapports sont tenus (fuseau %s)", zone.key)


async def recount(conn: AsyncConnection, zone: ZoneInfo, again: Recounted | None = None) -> None:
    """Count everything from the ledger, or that `again`, and from now on what is written."""
    dialect = conn.dialect.name
    if dialect == "postgresql":
        tables = ", ".join(sorted({one.table for one in COUNTED}))
        await conn.exec_driver_sql(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
    await conn.run_sync(drop)
    wanted = again or Recounted(COUNTED, (), days=True)
    if again is None:
        await _begin(conn, zone)
    else:
        await _let_go(conn, again)
    if wanted.days:
        log.info("les jours de chaque visiteur se comptent d’après les pages vues")
        await conn.exec_driver_sql(f"DELETE FROM {VISITOR_DAYS}")  # noqa: S608 — a name of ours
        await conn.exec_driver_sql(visitors.filling())
    for number, one in enumerate(wanted.facts, 1):
        log.info("les comptes des rapports se font : %d sur %d", number, len(wanted.facts))
        counting = recounted(one, dialect)
        await conn.exec_driver_sql(
            f"INSERT INTO counters ({COLUMNS}) SELECT * FROM ({counting}) AS found WHERE true {ADDED}"  # noqa: S608
        )
    for trigger in triggers(dialect):
        for statement in trigger.made_by:
            await conn.exec_driver_sql(statement)
    by = basis_of(dialect, _clocks(zone)).text
    await conn.execute(KEEP_SETTING, {"name": SETTING, "value": by})


async def _begin(conn: AsyncConnection, zone: ZoneInfo) -> None:
    """Forget all that was counted, and know the days of that zone."""
    for table in ("counters", "counter_changes", "zone_shifts", "counting"):
        await conn.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 — names of ours
    await conn.exec_driver_sql("INSERT INTO counting (number, by_row) VALUES (1, true)")
    await conn.execute(
        text("INSERT INTO zone_shifts (since, shift) VALUES (:since, :shift)"),
        [{"since": since, "shift": shift} for since, shift in shifts(zone)],
    )


async def _let_go(conn: AsyncConnection, again: Recounted) -> None:
    """Forget what those facts had counted; where changes wait to be added up, there too."""
    for table in ("counters", "counter_changes"):
        for one in again.gone:
            kinds = "kind = :kinds" if one.whole else "substr(kind, 1, :length) = :kinds"
            given = {"kinds": one.kinds} | ({} if one.whole else {"length": len(one.kinds)})
            await conn.execute(text(f"DELETE FROM {table} WHERE {kinds}"), given)  # noqa: S608


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
def _clocks(zone: ZoneInfo) -> str:
    """What tells that zone, and its rules, from others."""
    return "\n".join((zone.key, *(str(_shift(zone, at)) for at in _SAMPLED)))
