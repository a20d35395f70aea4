"""The rules on disk and the rules that run: publish what is sound, keep the last good version else.

The folder is looked at every two seconds (a look at file dates, no more); editors, `git pull` and
copies over the network all end as a change of dates, which no notification service all report.
They also end files for a moment: a save that deletes and creates, a checkout on its way. So a file
that is gone is a change like another only once it has stayed so a while, or on demand.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time

from dsl.diagnostics import Diagnostic, Severity
from dsl.project import Checked, check
from relance.errors import RelanceError, StoreUnavailable
from relance.fault import Fault
from relance.person import Person
from server.apart import apart
from server.folder import SCRIPT
from server.plugins import Plugins
from server.publication import draft as drafts
from server.publication.archive import Publication
from server.publication.display import Display
from server.publication.draft import Draft, Stamp
from server.publication.in_place import in_place
from server.system_words import told

log = logging.getLogger("relance.rules")

EVERY_SECONDS = 2.0
#: How long a file must have been gone before it is taken out of what runs.
SETTLED_SECONDS = 30.0
#: A file dated this lately may still be being written.
_QUIET_SECONDS = 0.5
#: How many errors are told.
MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a draft; `draft` is what is published of it, last good messages included."""

    draft: Draft
    checked: Checked
    problems: tuple[str, ...]
    people: tuple[Person, ...] = ()
    #: Whether it may be published: no script is wrong, nor what one writes in place.
    sound: bool = True


class Rules:
    """Watches a project's folder and publishes it."""

    def __init__(
        self,
        folder: Path,
        plugins: Plugins,
        edition: str,
        publish: Callable[[Reading], Awaitable[None]],
    ) -> None:
        self._folder, self._plugins, self._publish = folder, plugins, publish
        self.edition = edition
        self.display = Display(folder)
        self._stamp: Stamp | None = None
        self._asked = asyncio.Event()
        #: What runs, as last published.
        self._running: Draft | None = None
        #: Since when files that run are gone from the folder, on the machine's own clock.
        self._gone_since: float | None = None
        #: One look at a time: two would publish the same folder twice, or one over the other.
        self._looking = asyncio.Lock()
        #: Why the rules on disk are not those that run; empty when they are.
        self.problems: tuple[str, ...] = ()

    @property
    def read(self) -> bool:
        """Whether the folder could be read, and what was sound of it kept, since the start."""
        return self._stamp is not None

    def reload(self) -> None:
        """Read the folder again now, changed or not, and take it as it is (SIGHUP)."""
        self._asked.set()

    def resume(self, last: Publication | None) -> None:
        """Take up what was published last, whatever became of the folder since."""
        if last is None:
            self.display.open()
            return
        self.display.turn_to(last.draft)
        self._running, self.problems = last.draft, last.problems
        if last.edition != self.edition:
            return  # another Relance read it: it is read again at the first look
        self._stamp = self._unchanged(last.draft)

    def _unchanged(self, last: Draft) -> Stamp | None:
        """The folder's stamp if it still holds what runs: nothing is to be read or checked then."""
        try:
            before = drafts.stamp(self._folder)
            # What was published may hold the last good version of a message that was broken.
            same = not self.problems and drafts.read(self._folder).digest == last.edited.digest
        except OSError:
            return None
        return before if same and drafts.stamp(self._folder) == before else None

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
        """Publish the folder if it changed since the last look, or if somebody asks."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        asked, now = self._asked.is_set(), time()
        self._asked.clear()
        stamp = await asyncio.to_thread(drafts.stamp, self._folder)
        if not asked and (stamp == self._stamp or (self._stamp and _being_written(stamp, now))):
            return
        try:
            draft = await asyncio.to_thread(drafts.read, self._folder)
            if not asked and (gone := self._missed(draft)):
                self._tell((_waits(gone),))
                return
            reading = await apart(self._read, draft)
            if reading.sound:
                await self._publish(reading)
                self._running = reading.draft
                log.info("règles publiées : %d campagne(s)", len(reading.checked.programs))
        except (OSError, StoreUnavailable) as error:
            self._tell((_unreachable(error),))
            return  # the same folder may be read, or kept, at the next look
        except RelanceError as error:
            self._tell((str(error),))
        else:
            self._tell(reading.problems)
        self._stamp, self._gone_since = stamp, None

    def _missed(self, draft: Draft) -> Sequence[str]:
        """The files that run and are gone, while it is too early to believe it."""
        gone = draft.lost(self._running) if self._running is not None else ()
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

    def _read(self, draft: Draft) -> Reading:
        sources = _scripts(draft)
        made = in_place(sources, self._plugins.catalogue)
        draft = draft.keeping(made.files) if made.files else draft
        folder = self.display.lay(draft)
        references = self._plugins.references(folder)
        faults = self._plugins.faults(folder)
        kept = self._last_good(draft, faults)
        if kept.digest != draft.digest:
            references = self._plugins.references(self.display.lay(kept))
        checked = check(sources, self._plugins.catalogue, references)
        problems = [
            problem(name, sources[name], item)
            for name, items in checked.diagnostics.items()
            for item in items
            if item.severity is Severity.ERROR
        ]
        told = made.placed(faults)
        problems += [f"{fault.file}, ligne {fault.line} : {fault.message}" for fault in told]
        sound = checked.ok and not any(map(made.holds, faults))
        people = self._plugins.people(self.display.lay(kept))
        return Reading(kept, checked, tuple(problems[:MOST_PROBLEMS]), people, sound)

    def _last_good(self, draft: Draft, faults: Sequence[Fault]) -> Draft:
        """The draft, each file that is broken as it was when it was not."""
        running = self._running.files if self._running is not None else {}
        broken = {fault.file for fault in faults} & running.keys()
        return draft.keeping({name: running[name] for name in broken}) if broken else draft


def _scripts(draft: Draft) -> Mapping[str, str]:
    return {
        name: _text(name, content)
        for name, content in sorted(draft.files.items())
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
        return f"Un fichier ne peut pas être lu. {told(error)}"
    return f"{error} Les règles seront publiées dès que la base le permettra."
