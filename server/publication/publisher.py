"""Makes of a draft what runs: on demand, or as soon as its files are saved.

On demand, saved files change nothing: that they differ from what runs is said, until somebody
publishes. On saving, what is sound is published, and what is not leaves the last good version in
its place. Either way what was published is taken up at a start, whatever became of the draft since.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from relance.errors import RelanceError, StoreUnavailable
from relance.french import quoted
from relance.project_files import ProjectFiles
from server.daemon_thread import in_daemon_thread
from server.publication.archive import Decision, Publication
from server.publication.compared import ProjectComparison, compared
from server.publication.difference import Difference, difference
from server.publication.draft import edited
from server.publication.hindrance import GONE, UNKEPT, UNREADABLE, Hindrance
from server.publication.reading import DraftReader, DraftReading
from server.publication.source import Source
from server.publication.watcher import SETTLED_SECONDS, Sighting, Watcher
from server.system_words import os_message

log = logging.getLogger("relance.rules")

#: Why a publication is made again by another Relance than the one that made it.
UPGRADED = Decision(
    note="Relance a changé de version, ou ses extensions ou ses réglages ont changé."
)

Publish = Callable[[DraftReading, Decision], Awaitable[None]]
Agreed = Callable[[DraftReading], Awaitable[None]]


async def _whatever(_: DraftReading) -> None:
    """Nothing that is right is refused."""


class Publisher:
    """Watches where a project is edited; publishes it when asked, or `on_saving`."""

    def __init__(
        self,
        source: Source,
        reader: DraftReader,
        edition: str,
        publish: Publish,
        *,
        on_saving: bool,
    ) -> None:
        self._source, self._reader, self._publish = source, reader, publish
        self._watcher = Watcher(source)
        self.edition, self.on_saving = edition, on_saving
        #: What runs, as last published.
        self._running: ProjectFiles | None = None
        #: Whether what runs is yet to be read by this Relance.
        self._outdated = False
        #: One look at a time: two would publish the same draft twice, or one over the other.
        self._looking = asyncio.Lock()
        #: What is wrong with what was last read to be published.
        self._refused: tuple[str, ...] = ()
        #: Why what there was to publish was left to be asked for, though nothing is wrong with it.
        self.withheld = ""
        #: Why the rules being edited, or those published, are not those that run.
        self.problems: tuple[str, ...] = ()
        #: Those of them that are no fault of what is written.
        self._hindrances: dict[str, Hindrance] = {}
        #: What the draft changes of what runs, and nobody has published yet.
        self.pending = Difference()

    @property
    def running(self) -> ProjectFiles | None:
        """The files of what runs; None where nothing was ever published."""
        return self._running

    @property
    def hindrance(self) -> Hindrance | None:
        """What the problem is, where it is no fault of the rules."""
        return self._hindrances.get(self.problems[0]) if len(self.problems) == 1 else None

    @property
    def begun(self) -> bool:
        """Whether what there was to publish of itself, since the start, was."""
        return not self.on_saving or self._watcher.looked

    @property
    def never(self) -> bool:
        """Whether nothing was ever published, and nothing will be before somebody asks."""
        return self._running is None and not self.on_saving

    def reload(self) -> None:
        """Look at the draft again now, changed or not, and take it as it is (SIGHUP)."""
        self._watcher.ask()

    async def resume(self, last: Publication) -> None:
        """Take up what was published last, whatever became of the draft since."""
        self._running, self.problems = last.files, last.problems
        self._refused = last.problems
        self._outdated = last.edition != self.edition
        # What was published with problems holds the last good version of what was broken.
        if not (self._outdated or self.problems):
            await self._watcher.recognise(last.files)

    async def begin(self) -> None:
        """As a server starts, publish what was saved, if that is how it is published, and never was."""
        if self.on_saving and self._running is None:
            await self.refresh()

    async def differs(self) -> bool:
        """Whether the draft holds something else than what runs; OSError when it cannot be read."""
        draft = await self._source.read()
        return self._running is None or bool(
            await in_daemon_thread(difference, draft, self._running)
        )

    def refuse(self, problems: Sequence[str]) -> None:
        """Have it known, until something is published, why what was to be published is not."""
        self._refused = tuple(problems)
        self._report(self._refused)

    def unread(self, error: OSError) -> None:
        """The same of what could not be read."""
        self.refuse(self._hindered(_unreachable(error), UNREADABLE))

    def withhold(self, why: str) -> None:
        """Have it known, until something is published, that what is sound waits to be asked for."""
        self.withheld = why
        log.warning("%s", why)

    async def run(self) -> None:
        """Look for changes until cancelled."""
        while True:
            await self._watcher.wait()
            await self.refresh()

    async def refresh(self) -> None:
        """See whether the draft changed since the last look, or whether somebody asks."""
        async with self._looking:
            try:
                problems = await (self._follow() if self.on_saving else self._compare())
            except (OSError, StoreUnavailable) as error:
                what = UNREADABLE if isinstance(error, OSError) else UNKEPT
                # The same is tried again at the next look.
                problems = self._hindered(_unreachable(error), what)
            self._report(problems)

    async def publish(
        self, decision: Decision, agreed: Agreed = _whatever, source: Source | None = None
    ) -> DraftReading:
        """Publish the draft as it is now, or what another `source` holds.

        Of one that is not right, what is wrong is returned and nothing is done; `agreed` is asked
        before one that is right is published, and raises to refuse it. OSError or StoreUnavailable
        when it cannot be read, or kept.
        """
        async with self._looking:
            seen = await (self._watcher if source is None else Watcher(source)).look_now()
            reading = await self._read(seen.files)
            if not reading.problems:
                await agreed(reading)
                await self._make(reading, decision)
                self._refused, self._hindrances = (), {}
                self._report(())
                if source is None:
                    self._watcher.taken(seen)
                else:
                    self._watcher.ask()  # the draft is as it was, beside something else
            return reading

    async def reading(self, source: Source | None = None) -> DraftReading:
        """The draft as it is now, or what another `source` holds, read and not published."""
        return await self._read(await (source or self._source).read())

    async def compared(self, draft: DraftReading) -> ProjectComparison | None:
        """What that draft says otherwise than what runs; None when one of them is not to be read."""
        if self._running is None or not draft.sound:
            return None
        former = await in_daemon_thread(self._reader.read, edited(self._running), None)
        if not former.sound:
            return None
        return await in_daemon_thread(compared, former, draft, self._reader.named)

    async def _follow(self) -> tuple[str, ...]:
        """Publish what was saved; what is wrong."""
        seen = await self._watcher.look(self._running)
        if seen is None:
            return self._refused
        if seen.gone:
            return self._hindered(_waits(seen.gone), GONE)
        self._refused = await self._published(seen.files, Decision())
        self._watcher.taken(seen)
        return self._refused

    async def _compare(self) -> tuple[str, ...]:
        """Say what the draft changes; what is wrong with what runs."""
        if self._outdated and self._running is not None:
            # This Relance reads what another published: the same files, never those of the draft.
            self._refused = await self._published(edited(self._running), UPGRADED)
            self._outdated = False
        seen = await self._watcher.look(None)
        if seen is not None:
            await self._set_beside(seen)
        return self._refused

    async def _set_beside(self, seen: Sighting) -> None:
        found = await in_daemon_thread(difference, seen.files, self._running or ProjectFiles())
        if found and found != self.pending and self._running is not None:
            log.info("brouillon : %s ; %s le publie", ", ".join(found), quoted("relance publier"))
        self.pending = found
        self._watcher.taken(seen)

    # --- Either way -------------------------------------------------------------------------

    async def _published(self, draft: ProjectFiles, decision: Decision) -> tuple[str, ...]:
        """Publish what is sound; what is wrong."""
        try:
            reading = await self._read(draft)
            if reading.sound:
                await self._make(reading, decision)
        except StoreUnavailable:
            raise
        except RelanceError as error:
            return (str(error),)
        return reading.problems

    async def _read(self, draft: ProjectFiles) -> DraftReading:
        return await in_daemon_thread(self._reader.read, draft, self._running)

    async def _make(self, reading: DraftReading, decision: Decision) -> None:
        await self._publish(reading, decision)
        self._running, self._outdated, self.pending = reading.files, False, Difference()
        self.withheld = ""
        log.info("règles publiées : %d campagne(s)", len(reading.checked.programs))

    def _hindered(self, problem: str, what: Hindrance) -> tuple[str, ...]:
        self._hindrances[problem] = what
        return (problem,)

    def _report(self, problems: tuple[str, ...]) -> None:
        if problems == self.problems:
            return
        self.problems = problems
        for line in problems:
            log.warning("%s", line)


def _waits(gone: Sequence[str]) -> str:
    names = ", ".join(map(quoted, gone[:5])) + (", …" if len(gone) > 5 else "")
    return (
        f"{names} : disparu du dossier, ou vide. Ce qui a été publié continue ; il en sera retiré "
        f"dans {SETTLED_SECONDS:.0f} secondes s’il ne revient pas (tout de suite par SIGHUP)."
    )


def _unreachable(error: OSError | StoreUnavailable) -> str:
    if isinstance(error, OSError):
        return f"Un fichier ne peut pas être lu. {os_message(error)}"
    return f"{error} Les règles seront publiées dès que la base le permettra."
