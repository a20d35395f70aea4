"""One time for all the processes of a database, which is the database's: their machines differ."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.host import Clock
from server.clock import BaseClock
from server.store import processes
from server.store.instants import Micros, now_micros
from server.store.sole import Sole


async def keep_time(conn: AsyncConnection, clock: Clock) -> Micros:
    """Put that clock right by the base's, unless it is too far off; by how much its machine is off, in µs."""
    machine = clock.machine if isinstance(clock, BaseClock) else clock
    before = now_micros(machine)
    there = await processes.base_time(conn)
    after = now_micros(machine)
    off, within = (before + after) // 2 - there, (after - before) // 2
    if isinstance(clock, BaseClock) and abs(off) <= processes.MOST_SKEW:
        clock.put_right(timedelta(microseconds=off), timedelta(microseconds=within))
    return off


async def begin_on_time(place: Sole, clock: Clock) -> Micros:
    """The same, before the base is opened; 0 where no other machine may share it."""
    return 0 if place.session is None else await keep_time(place.session, clock)
