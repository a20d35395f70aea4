"""Tasks that must not die in silence: restarted with patience, their failures known to `/sante`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

log = logging.getLogger("relance.server")

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
#: A task that has run this long since its last failure is well again.
WELL_AFTER = 30.0


class Supervisor:
    """Runs named tasks for as long as the server."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        #: How long each may take to end, in seconds.
        self._ends: dict[str, float] = {}
        self._failed_at: dict[str, float] = {}

    def start(self, name: str, run: Callable[[], Awaitable[None]], *, ends: float = 1.0) -> None:
        """Run a task until it is stopped, again each time it fails. `ends`: in how long, in seconds."""
        self._ends[name] = ends
        self._tasks[name] = asyncio.create_task(self._keep(name, run), name=f"relance-{name}")

    def after(
        self,
        ready: asyncio.Event,
        name: str,
        run: Callable[[], Awaitable[None]],
        *,
        ends: float = 1.0,
    ) -> None:
        """The same, once `ready`."""

        async def patient() -> None:
            await ready.wait()
            await run()

        self.start(name, patient, ends=ends)

    def failing(self) -> Sequence[str]:
        """The tasks that failed lately."""
        now = monotonic()
        return [name for name, at in self._failed_at.items() if now - at < WELL_AFTER]

    def cancel(self, name: str) -> None:
        """Ask a task to end; `stop` then waits for it."""
        if name in self._tasks:
            self._tasks[name].cancel()

    async def stop(self, name: str, seconds: float) -> None:
        """End a task, giving it that long to end well."""
        task = self._tasks.pop(name, None)
        if task is None:
            return
        if not task.cancelling():
            task.cancel()
        _, late = await asyncio.wait([task], timeout=seconds)
        if late:
            log.error("la tâche « %s » ne s’est pas arrêtée en %.0f s", name, seconds)

    async def stop_all(self, *, but: str) -> None:
        """End all tasks but that one, side by side, each in the time that it was given."""
        ending = [self.stop(name, self._ends[name]) for name in tuple(self._tasks) if name != but]
        await asyncio.gather(*ending)

    async def _keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        wait = FIRST_WAIT
        while True:
            started = monotonic()
            try:
                await run()
                log.error("la tâche « %s » s’est arrêtée d’elle-même ; reprise", name)
            except Exception:
                log.exception("la tâche « %s » a échoué ; reprise dans %.1f s", name, wait)
            self._failed_at[name] = monotonic()
            if monotonic() - started > WELL_AFTER:
                wait = FIRST_WAIT
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
