"""The rules being edited and the rules that run: publish what is sound, keep the last good version.

A folder is looked at every two seconds (a look at file dates, no more); editors, `git pull` and
copies over the network all end as a change of dates, which no notification service all report.
They also end files for a moment: a save that deletes and creates, a checkout on its way. So a file
that is gone is a change like another only once it has stayed so a while, or on demand.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic, time

from dsl.diagnostics import Diagnostic, Severity
from dsl.project import Checked, check
from relance.errors import RelanceError, StoreUnavailable
from relance.fault import Fault
from relance.person import Person
from relance.project_files import ProjectFiles
from server.apart import apart
from server.folder import SCRIPT
from server.plugins import Plugins
from server.publication.archive import Publication
from server.publication.draft import edited, lost
from server.publication.in_place import in_place
from server.publication.source import Source, Stamp
from server.system_words import os_message

log = logging.getLogger("relance.rules")

EVERY_SECONDS = 2.0
#: How long a file must have been gone before it is taken out of what runs.
SETTLED_SECONDS = 30.0
#: A file dated this lately may still be being written.
_QUIET_SECONDS = 0.5
#: How many errors are told.
MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class DraftReading:
    """One reading of a draft; `files` are what is published of it, last good messages included."""

    files: ProjectFiles
    checked: Checked
    problems: tuple[str, ...]
    people: tuple[Person, ...] = ()
    #: Whether it may be published: no script is wrong, nor what one writes in place.
    sound: bool = True


class Publisher:
    """Watches where a project is edited and publishes it."""

    def __init__(
        self,
        source: Source,
        plugins: Plugins,
        edition: str,
        publish: Callable[[DraftReading], Awaitable[None]],
    ) -> None:
        self._source, self._plugins, self._publish = source, plugins, publish
        self.edition = edition
        self._stamp: Stamp | None = None
        self._asked = asyncio.Event()
        #: What runs, as last published.
        self._running: ProjectFiles | None = None
        #: Since when files that run are gone from the draft, on the machine's own clock.
        self._gone_since: float | None = None
        #: One look at a time: two would publish the same draft twice, or one over the other.
        self._looking = asyncio.Lock()
        #: Why the rules being edited are not those that run; empty when they are.
        self.problems: tuple[str, ...] = ()

    @property
    def read(self) -> bool:
        """Whether the draft could be read, and what was sound of it kept, since the start."""
        return self._stamp is not None

    def reload(self) -> None:
        """Read the draft again now, changed or not, and take it as it is (SIGHUP)."""
        self._asked.set()

    async def resume(self, last: Publication) -> None:
        """Take up what was published last, whatever became of the draft since."""
        self._running, self.problems = last.files, last.problems
        if last.edition != self.edition:
            return  # another Relance read it: it is read again at the first look
        self._stamp = await self._unchanged(last.files)

    async def _unchanged(self, last: ProjectFiles) -> Stamp | None:
        """The draft's stamp if it still holds what runs: nothing is to be read or checked then."""
        if self.problems:
            return None  # what was published holds the last good version of what was broken
        try:
            before = await self._source.stamp()
            draft = await self._source.read()
            same = await apart(lambda: draft.digest == edited(last).digest)
            return before if same and await self._source.stamp() == before else None
        except OSError:
            return None

    async def run(self) -> None:
        """Look for changes until cancelled."""
        while True:
            try:
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._asked.wait()
            except TimeoutError:
                pass
            await self.refresh()

    async def refresh(self) -> None:
        """Publish the draft if it changed since the last look, or if somebody asks."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        asked, now = self._asked.is_set(), time()
        self._asked.clear()
        try:
            stamp = await self._source.stamp()
            if not asked and (stamp == self._stamp or (self._stamp and _being_written(stamp, now))):
                return
            draft = await self._source.read()
            if not asked and (gone := self._missed(draft)):
                self._tell((_waits(gone),))
                return
            reading = await apart(self._read, draft)
            if reading.sound:
                await self._publish(reading)
                self._running = reading.files
                log.info("règles publiées : %d campagne(s)", len(reading.checked.programs))
        except (OSError, StoreUnavailable) as error:
            self._tell((_unreachable(error),))
            return  # the same draft may be read, or kept, at the next look
        except RelanceError as error:
            self._tell((str(error),))
        else:
            self._tell(reading.problems)
        self._stamp, self._gone_since = stamp, None

    def _missed(self, draft: ProjectFiles) -> Sequence[str]:
        """The files that run and are gone, while it is too early to believe it."""
        gone = lost(draft, self._running) if self._running is not None else ()
        if not gone:
            self._gone_since = None
            return ()
        if self._gone_since is None:
            self._gone_since = monotonic()
        settled = monotonic() - self._gone_since >= SETTLED_SECONDS
        return () if settled else gone

    def _tell(self, problems: tuple[str, ...]) -> None:
        if problems == self.problems:
            return
        self.problems = problems
        for line in problems:
            log.warning("%s", line)

    def _read(self, draft: ProjectFiles) -> DraftReading:
        sources = scripts_of(draft)
        made = in_place(sources, self._plugins.catalogue)
        draft = draft.keeping(made.files)
        faults = self._plugins.faults(draft)
        kept = self._last_good(draft, faults)
        references = self._plugins.references(kept)
        checked = check(sources, self._plugins.catalogue, references)
        problems = [
            problem(name, sources[name], item)
            for name, items in checked.diagnostics.items()
            for item in items
            if item.severity is Severity.ERROR
        ]
        placed = made.placed(faults)
        problems += [f"{fault.file}, ligne {fault.line} : {fault.message}" for fault in placed]
        sound = checked.ok and not any(map(made.holds, faults))
        people = self._plugins.people(kept)
        return DraftReading(kept, checked, tuple(problems[:MOST_PROBLEMS]), people, sound)

    def compiling(self, files: ProjectFiles) -> Callable[[Mapping[str, str]], Checked]:
        """What tells what the scripts of a project say, some of them by name amended."""

        def compiled(amended: Mapping[str, str]) -> Checked:
            references = self._plugins.references(files)
            return check({**scripts_of(files), **amended}, self._plugins.catalogue, references)

        return compiled

    def _last_good(self, draft: ProjectFiles, faults: Sequence[Fault]) -> ProjectFiles:
        """The draft, each file that is broken as it was when it was not."""
        running = self._running.contents if self._running is not None else {}
        broken = {fault.file for fault in faults} & running.keys()
        return draft.keeping({name: running[name] for name in broken})


def scripts_of(files: ProjectFiles) -> Mapping[str, str]:
    """The texts of the scripts among those files, by name; RelanceError for one that is none."""
    return {
        name: _text(name, content)
        for name, content in sorted(files.contents.items())
        if name.endswith(SCRIPT)
    }


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise RelanceError(
            f"« {name} » n’est pas un texte en UTF-8 (octet {error.start + 1}). "
            "Enregistrez-le de nouveau en choisissant l’encodage UTF-8."
        ) from error


def problem(name: str, source: str, item: Diagnostic) -> str:
    """An error of a script, in a line."""
    line = source.count("\n", 0, item.span.start) + 1
    return f"{name}, ligne {line} : {item.message} ({item.code})"


def _being_written(stamp: Stamp, now: float) -> bool:
    return any(0 <= now - at / 1e9 < _QUIET_SECONDS for _, at, _ in stamp)


def _waits(gone: Sequence[str]) -> str:
    names = ", ".join(f"« {name} »" for name in gone[:5]) + (", …" if len(gone) > 5 else "")
    return (
        f"{names} : disparu du dossier, ou vide. Ce qui a été publié continue ; il en sera retiré "
        f"dans {SETTLED_SECONDS:.0f} secondes s’il ne revient pas (tout de suite par SIGHUP)."
    )


def _unreachable(error: OSError | StoreUnavailable) -> str:
    if isinstance(error, OSError):
        return f"Un fichier ne peut pas être lu. {os_message(error)}"
    return f"{error} Les règles seront publiées dès que la base le permettra."
