"""Watches where a draft is edited, and tells it when it changed and is whole.

A folder is looked at every two seconds (a look at file dates, no more); editors, `git pull` and
copies over the network all end as a change of dates, which no notification service all report.
They also end files for a moment: a save that deletes and creates, a checkout on its way. So a file
that is gone is a change like another only once it has stayed so a while, or on demand.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic, time

from relance.project_files import ProjectFiles
from server.daemon_thread import in_daemon_thread
from server.publication.draft import edited, lost
from server.publication.source import Source, Stamp

EVERY_SECONDS = 2.0
#: How long a file must have been gone before it is taken out of what runs.
SETTLED_SECONDS = 30.0
#: A file dated this lately may still be being written.
_QUIET_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Sighting:
    """A draft as it was seen. `gone`: what runs and it has not, for too short a while to be believed."""

    files: ProjectFiles
    gone: Sequence[str]
    stamp: Stamp


class Watcher:
    """Looks at one source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._stamp: Stamp | None = None
        self._asked = asyncio.Event()
        #: Since when files that run are gone from the draft, on the machine's own clock.
        self._gone_since: float | None = None

    @property
    def looked(self) -> bool:
        """Whether a draft was ever taken as it was seen."""
        return self._stamp is not None

    def ask(self) -> None:
        """Look again now, and take what is there as it is, changed or not."""
        self._asked.set()

    async def wait(self) -> None:
        """Until it is time to look again, or somebody asks."""
        try:
            async with asyncio.timeout(EVERY_SECONDS):
                await self._asked.wait()
        except TimeoutError:
            pass

    async def look(self, running: ProjectFiles | None) -> Sighting | None:
        """The draft, when it changed since it was last taken and is not being written.

        OSError or StoreUnavailable when it cannot be reached.
        """
        asked, now = self._asked.is_set(), time()
        self._asked.clear()
        stamp = await self._source.stamp()
        if stamp == self._stamp:
            self._gone_since = None  # what was gone is back
        if not asked and (stamp == self._stamp or (self._stamp and _being_written(stamp, now))):
            return None
        seen = await self.look_now()
        return seen if asked else replace(seen, gone=self._missed(seen.files, running))

    async def look_now(self) -> Sighting:
        """The draft, whatever became of it; OSError or StoreUnavailable when it cannot be reached."""
        stamp = await self._source.stamp()
        return Sighting(await self._source.read(), (), stamp)

    def taken(self, seen: Sighting) -> None:
        """It was made of it what there was to make: no look tells it again."""
        self._stamp, self._gone_since = seen.stamp, None

    async def recognise(self, running: ProjectFiles) -> None:
        """Take the draft as seen, if it holds what runs and nothing else: it is not read again."""
        try:
            before = await self._source.stamp()
            draft = await self._source.read()
            same = await in_daemon_thread(lambda: draft.digest == edited(running).digest)
            if same and await self._source.stamp() == before:
                self._stamp = before
        except OSError:
            return

    def _missed(self, draft: ProjectFiles, running: ProjectFiles | None) -> Sequence[str]:
        """The files that run and are gone, while it is too early to believe it."""
        gone = lost(draft, running) if running is not None else ()
        if not gone:
            self._gone_since = None
            return ()
        if self._gone_since is None:
            self._gone_since = monotonic()
        settled = monotonic() - self._gone_since >= SETTLED_SECONDS
        return () if settled else gone


def _being_written(stamp: Stamp, now: float) -> bool:
    return any(0 <= now - at / 1e9 < _QUIET_SECONDS for _, at, _ in stamp)
