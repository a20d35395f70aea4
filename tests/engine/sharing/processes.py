"""Several engines on one database, as many processes would have: a first one, and helpers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import select

from relance.testing import VirtualClock
from server.store.instants import now_micros
from server.store.schema.campaigns import enrolments
from server.store.schema.events import inbox
from server.store.store import Store
from tests.engine.world import World


class Several:
    """The worlds of as many processes. `first` publishes, and says when leads are shared."""

    def __init__(self, worlds: list[World]) -> None:
        self.worlds = worlds
        self.first, *self.helpers = worlds

    async def begin(self) -> None:
        """Let the helpers know that they are there, and have leads shared."""
        await self.first.engine.have_beside(len(self.helpers))
        await self.first.settle()

    async def settle(self) -> None:
        """All at once, until nothing that they share is left to do."""
        for _ in range(100):
            await asyncio.gather(*(one.settle() for one in self.worlds))
            if not await self._left():
                return
        raise AssertionError("the engines never rest")

    async def _left(self) -> bool:
        now = now_micros(max((one.clock for one in self.worlds), key=lambda clock: clock.now()))
        waiting = select(inbox.c.id)
        due = select(enrolments.c.lead_id).where(enrolments.c.wake_at <= now)
        return bool(await self.first.rows(waiting) or await self.first.rows(due))

    async def later(self, **span: float) -> None:
        """Time passes for all."""
        for clock in {id(one.clock): one.clock for one in self.worlds}.values():
            clock.advance(timedelta(**span))
        await self.settle()


@asynccontextmanager
async def several(
    url: str, clock: VirtualClock, helpers: int = 1, skew: timedelta = timedelta(0)
) -> AsyncIterator[Several]:
    """A first process and helpers; their clocks differ from its own by `skew`."""
    first = await Store.open(url, clock)
    theirs = clock if not skew else VirtualClock(clock.now() + skew)
    stores = [first, *[await Store.open(url, theirs, n + 1) for n in range(helpers)]]
    worlds = [World(store, clock if store is first else theirs) for store in stores]
    for world in worlds[1:]:
        world.engine.sharing.helps = True
    yield Several(worlds)
    for store in reversed(stores):
        await store.close()
