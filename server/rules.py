"""The rules on disk and the rules that run: publish what is sound, keep the last good version else.

The folder is looked at every two seconds (a look at file dates, no more); editors, `git pull` and
copies over the network all end as a change of dates, which no notification service all report.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dsl.diagnostics import Diagnostic, Severity
from dsl.project import Checked, check
from relance import goods
from relance.errors import RelanceError
from relance.person import Person
from server.folder import SCRIPT, files, scripts
from server.plugins import Plugins
from server.system_words import told

log = logging.getLogger("relance.rules")

EVERY_SECONDS = 2.0
#: What plugins read beside scripts (messages): a change there is a change of the project.
_WATCHED = (SCRIPT, ".md", ".liquid", ".html", ".toml")
_MAX_SHOWN = 50

#: Path, date and size of each file.
Stamp = frozenset[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the folder."""

    checked: Checked
    sources: Mapping[str, str]
    problems: tuple[str, ...]
    people: tuple[Person, ...] = ()


class Rules:
    """Watches a project's folder and publishes it."""

    def __init__(
        self, folder: Path, plugins: Plugins, publish: Callable[[Reading], Awaitable[None]]
    ) -> None:
        self._folder = folder
        self._plugins = plugins
        self._publish = publish
        self._stamp: Stamp = frozenset()
        self._asked = asyncio.Event()
        #: Why the rules on disk are not those that run; empty when they are.
        self.problems: tuple[str, ...] = ()

    def reload(self) -> None:
        """Read the folder again now, changed or not (SIGHUP)."""
        self._stamp = frozenset()
        self._asked.set()

    async def run(self) -> None:
        """Look for changes until cancelled."""
        while True:
            try:
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._asked.wait()
            except TimeoutError:
                pass
            self._asked.clear()
            await self.refresh()

    async def refresh(self) -> None:
        """Publish the folder if it changed since the last look."""
        stamp = await asyncio.to_thread(_stamp, self._folder)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        await self._load()

    async def _load(self) -> None:
        try:
            reading = await asyncio.to_thread(self._read)
            if reading.checked.ok:
                await self._publish(reading)
                log.info("règles publiées : %d campagne(s)", len(reading.checked.programs))
        except RelanceError as error:
            self.problems = (str(error),)
        except OSError as error:
            self.problems = (f"Un fichier ne peut pas être lu. {told(error)}",)
        else:
            self.problems = reading.problems
        for line in self.problems:
            log.warning("%s", line)

    def _read(self) -> Reading:
        sources = {
            path.relative_to(self._folder).as_posix(): _text(path, self._folder)
            for path in scripts(self._folder)
        }
        references = self._plugins.references(self._folder)
        checked = check(sources, self._plugins.catalogue, references)
        problems = [
            _shown(name, sources[name], item)
            for name, items in checked.diagnostics.items()
            for item in items
            if item.severity is Severity.ERROR
        ]
        problems += [
            f"{fault.file}, ligne {fault.line} : {fault.message}"
            for fault in self._plugins.faults(self._folder)
        ]
        people = self._plugins.people(self._folder)
        return Reading(checked, sources, tuple(problems[:_MAX_SHOWN]), people)


def _text(path: Path, folder: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        name = path.relative_to(folder).as_posix()
        raise RelanceError(
            f"« {name} » n’est pas un texte en UTF-8 (octet {error.start + 1}). "
            "Enregistrez-le de nouveau en choisissant l’encodage UTF-8."
        ) from error


def _shown(name: str, source: str, item: Diagnostic) -> str:
    line = source.count("\n", 0, item.span.start) + 1
    return f"{name}, ligne {line} : {item.message} ({item.code})"


def _stamp(folder: Path) -> Stamp:
    found = set()
    for path in (*files(folder, _WATCHED), *files(folder / goods.FOLDER, (".csv",))):
        try:
            status = path.stat()
        except OSError:
            continue  # it went between the listing and the look; the next look will tell
        found.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)
