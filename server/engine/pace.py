"""When an engine looks again: at once, after a rest that leaves the intake its turn, or once it is woken or due."""

import asyncio
from datetime import datetime

from relance.host import Clock

#: The clock is looked at at least this often, in case the wall clock jumped.
_LONGEST_SLEEP = 30.0
#: While facts pour in, the rest left to the intake after each tick that emptied the queue, longer
#: from tick to tick: larger ticks cost less, and each form is answered sooner.
_REST = 0.005
_LONGEST_REST = 0.04


class EnginePace:
    """How long the loop of one engine waits between two ticks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._woken = asyncio.Event()
        self._rest = 0.0

    def wake(self) -> None:
        """There is something new to look at."""
        self._woken.set()

    def looks(self) -> bool:
        """A look begins: what comes from now on is for the next one. Whether something came before."""
        came = self._woken.is_set()
        self._woken.clear()
        return came

    async def after(
        self, *, worked: bool, more: bool, upcoming: datetime | None, shared: float | None
    ) -> None:
        """Wait as long as may be after a look that did something or not, and left more or not.

        `upcoming`: when the clock next concerns it. `shared`: beside other processes, how long at most
        it is left alone, in seconds: what is due already, and was left, is then another's to do.
        """
        if worked and more:
            return
        if worked and self._woken.is_set():
            self._rest = min(self._rest + _REST, _LONGEST_REST)
            await asyncio.sleep(self._rest)
        else:
            self._rest = 0.0
            await self._sleep(upcoming, shared)

    async def _sleep(self, upcoming: datetime | None, shared: float | None) -> None:
        now, seconds = self._clock.now(), _LONGEST_SLEEP if shared is None else shared
        if upcoming is not None and not (shared is not None and upcoming <= now):
            seconds = min(seconds, (upcoming - now).total_seconds())
        try:
            async with asyncio.timeout(max(seconds, 0.001)):
                await self._woken.wait()
        except TimeoutError:
            return
