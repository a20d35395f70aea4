"""The health of a server for whoever may ask as often as they like: one look for all who ask within a second.

A look asks the base a dozen questions. A stranger who had one at each of his requests would stop the
forms by asking nothing but how the server is.
"""

import asyncio
from collections.abc import Awaitable, Callable

from relance.host import Clock
from server.health.health import Health
from server.store.instants import SECOND, now_micros

#: How long what was found is still said: whoever spreads visitors among servers learns soon enough.
LASTS = SECOND


class SharedLook:
    """`look`: makes the health anew, within a bound of its own."""

    def __init__(self, look: Callable[[], Awaitable[Health]], clock: Clock) -> None:
        self._look, self._clock = look, clock
        self._looking: asyncio.Future[Health] | None = None
        self._begun = 0

    async def health(self) -> Health:
        """What was found within the second, or is being found: who comes meanwhile waits for the same."""
        now = now_micros(self._clock)
        looking = self._looking
        # A clock that was put back makes nothing last for longer.
        if looking is None or (looking.done() and not 0 <= now - self._begun < LASTS):
            looking = self._looking = asyncio.ensure_future(self._look())
            self._begun = now
        return await asyncio.shield(looking)
