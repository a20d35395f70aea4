"""How long the window of a goal lasts by the calendar, from each instant: what no database knows.

Days and months keep the time of day, as everywhere in the language: the length of a window is that of
the days between. It is the same for long; the instants from which it is another are written down.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.values import Duration
from server.store.bulk import insert_rows
from server.store.calendar import later
from server.store.instants import DAY, MINUTE, SECOND, Micros, local, midnight
from server.store.schema.campaigns import versions
from server.store.schema.goals import goal_windows

#: Known for so many years to come, at each publication.
_YEARS = 10
#: Clocks are put forward and back at a whole quarter of an hour, everywhere since 2012.
_QUARTER = 15 * MINUTE
#: What is looked at together at most: clocks do not change twice in so few days.
_SPAN = 20 * DAY
_NEVER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class WindowLength:
    """From `since` on, a window that begins lasts `length`, but not beyond `until`."""

    since: Micros
    length: Micros
    until: Micros


async def publish(
    conn: AsyncConnection, windows: Mapping[int, tuple[Duration, ZoneInfo]], now: Micros
) -> None:
    """Write down how long these last, each by the number of its goal; most are as they were."""
    if not windows:
        return
    begun = await conn.scalar(select(func.min(versions.c.published_at)))
    wanted = {
        goal: lengths(window, zone, local(begun or now, zone).year, local(now, zone).year + _YEARS)
        for goal, (window, zone) in windows.items()
    }
    row = goal_windows.c
    sums = (func.count(), func.sum(row.since // SECOND), func.sum(row.length))
    query = select(row.goal_id, *sums).group_by(row.goal_id)
    known = {goal: tuple(map(int, found)) for goal, *found in await conn.execute(query)}
    others = {goal: found for goal, found in wanted.items() if known.get(goal) != _sums(found)}
    if not others:
        return
    await conn.execute(delete(goal_windows).where(row.goal_id.in_(others)))
    rows = [
        (goal, one.since, one.length, one.until) for goal, found in others.items() for one in found
    ]
    await insert_rows(conn, "goal_windows", ("goal_id", "since", "length", "until"), rows)


def _sums(found: Sequence[WindowLength]) -> tuple[int, int, int]:
    """What tells these from others: as many, that begin as late and last as long in all."""
    begun = sum(one.since // SECOND for one in found)
    return len(found), begun, sum(one.length for one in found)


def end_of(stop: ColumnElement[int], goal: Any) -> ColumnElement[int]:
    """When the window of a goal ends that begins at that instant."""
    row = goal_windows
    last = stop + row.c.length
    found = (
        select(case((last < row.c.until, last), else_=row.c.until))
        .where(row.c.goal_id == goal.c.id, row.c.since <= stop)
        .order_by(row.c.since.desc())
        .limit(1)
        .correlate_except(row)
        .scalar_subquery()
    )
    return func.coalesce(found, stop + goal.c.time_window)


@lru_cache(maxsize=64)
def lengths(window: Duration, zone: ZoneInfo, first: int, last: int) -> Sequence[WindowLength]:
    """Those of each instant of these years, both in, the first first."""
    made: list[WindowLength] = []
    new_year, last_night = (midnight(date(year, 1, 1), zone) for year in (first, last + 1))
    for start, end in _alike(new_year, last_night, window, zone):
        until = later(end - 1, window, zone)
        length = later(start, window, zone) - start
        # A time that does not exist is that at which clocks go on: where windows end in one, at once.
        if made and made[-1].length == length and made[-1].until + 1 - start == length:
            start = made.pop().since
        made.append(WindowLength(start, length, until))
    return (*made[:-1], replace(made[-1], until=_NEVER))


def _alike(
    start: Micros, end: Micros, window: Duration, zone: ZoneInfo
) -> Iterator[tuple[Micros, Micros]]:
    """Between which instants a window lasts as long, or less than a quarter of an hour."""
    if end - start <= _QUARTER or (end - start <= _SPAN and _even(start, end - 1, window, zone)):
        yield start, end
        return
    middle = start + (end - start) // (2 * _QUARTER) * _QUARTER
    yield from _alike(start, middle, window, zone)
    yield from _alike(middle, end, window, zone)


def _even(start: Micros, end: Micros, window: Duration, zone: ZoneInfo) -> bool:
    """Whether clocks change neither then nor where windows end, and the months between are as long.

    Within a month, the later a window begins, the shorter it is, down to those of the next month: as
    long at both ends, it is so between.
    """
    ends = later(start, window, zone), later(end, window, zone)
    return ends[1] - ends[0] == end - start and all(
        local(one, zone).utcoffset() == local(other, zone).utcoffset()
        for one, other in ((start, end), ends)
    )
