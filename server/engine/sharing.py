"""How an engine shares the leads of its database with those of other processes.

One is the *first*: it alone publishes, looks at everybody, follows the calendar. For that it has all
leads to itself, as an engine that is alone has; while none of that is to be done, they are shared
among all. The others, the *helpers*, move whom they take from the shards, and nothing else.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from server.engine.agenda import Upcoming, due
from server.engine.running import Running
from server.engine.tick import Tick
from server.store import shards
from server.store.store import Store

#: What others stored is looked for so often, were no bell heard, and whether leads are shared again, in
#: seconds.
_IDLE, _SHUT = 1.0, 0.1


class SharedOutcome(Enum):
    """What came of a try to move some of the leads."""

    MOVED = "moved"
    IDLE = "idle"
    #: Nothing is shared, or somebody is to have all of them.
    SHUT = "shut"
    #: What is published is another than the one that was read.
    STALE = "stale"
    #: Ids must be reserved before.
    LATER = "later"
    #: Something is due for which all leads are to be had at once.
    WHOLE = "whole"


class SharedTick(NamedTuple):
    """A try, and its tick if there was one."""

    outcome: SharedOutcome
    tick: Tick | None = None


@dataclass
class Sharing:
    """Where an engine stands among others."""

    #: Processes that move leads beside this one, as far as the first knows.
    others: int = 0
    #: Whether others number events, or did once: what they left may have come numbered too low.
    numbered: bool = False
    #: Whether this one is a helper.
    helps: bool = False
    #: The last event that what was decided is beyond, while all leads are had.
    last_id: int = 0
    #: Whether leads are shared: the first alone has a say in it.
    open: bool = False
    #: Whether helpers are to read again what is published, the next time leads are shared.
    anew: bool = True
    #: What a helper has read, and what it saw that it must.
    epoch: int | None = None
    seen: int | None = None
    #: Whether the last try found that nothing was shared.
    shut: bool = False
    #: Shards looked at, one after another, in which nothing was to be done.
    idle: int = 0

    @property
    def divided(self) -> bool:
        """Whether other processes number events, or move leads."""
        return self.helps or self.numbered

    async def begin(self, store: Store) -> None:
        """As the first that begins: whoever was it before may have left leads shared."""
        if store.dialect == "postgresql":
            async with store.read() as conn:
                self.numbered = self.open = await shards.divided(conn)
            await self.close(store)
            self.last_id = store.ids.last

    async def divide(self, store: Store, movers: int) -> None:
        """Others number events from now on; so many of them move leads."""
        if not self.numbered:
            async with store.write() as conn:
                await shards.divide(conn)
            self.numbered, self.last_id = True, store.ids.last
        if movers != self.others:
            await self.close(store)
            self.others = movers

    async def close(self, store: Store) -> None:
        """Have all leads; nobody else moves any until they are shared again."""
        if self.open:
            async with store.write() as conn:
                last = await shards.shut(conn)
            store.ids.follow(last)
            self.open, self.last_id = False, max(self.last_id, last)

    async def share(self, store: Store) -> None:
        """Share the leads among all."""
        async with store.write() as conn:
            await shards.open_to(conn, self.others + 1, self.last_id, anew=self.anew)
        self.open, self.anew = True, False

    async def number_on(self, conn: AsyncConnection, store: Store, last: int = 0) -> bool:
        """Number events beyond all that wait; whether that may be done already."""
        beyond = max(last, await shards.newest_waiting(conn))
        store.ids.follow(beyond)
        return store.ids.reaches(beyond)

    @property
    def pause(self) -> float:
        """How long an engine that finds nothing to do waits before it looks again, in seconds."""
        return _SHUT if self.shut else _IDLE

    def looked_at(self, count: int, *, moved: bool) -> None:
        """So many shards were looked at: after as many as there are, another round begins."""
        before = 0 if moved or self.rests else self.idle
        self.idle = 0 if moved else before + count

    @property
    def rests(self) -> bool:
        """Whether nothing is to be done in any of them."""
        return self.idle >= shards.COUNT


def needs_all(running: Running, upcoming: Upcoming, now: int) -> bool:
    """Whether something is to be done for which all leads are to be had at once."""
    lifecycles = running.published.lifecycles
    by_time = (upcoming.recurs, upcoming.takes, upcoming.looks, lifecycles.turns)
    return (
        upcoming.moving
        or running.waiting
        or running.goals.waiting
        or running.unsettled
        or not running.quarantine.empty
        or bool(lifecycles.under_way)
        or any(due(at, now) for at in by_time)
    )
