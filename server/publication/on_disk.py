"""A project edited in a folder, whatever edits it there."""

import asyncio
import os
from functools import partial
from pathlib import Path
from stat import S_ISREG
from time import monotonic

from relance import goods, images
from relance.project_files import ProjectFiles
from server.folder import SCRIPT, OnDisk, entries, holds
from server.publication.source import Seen, Stamp
from server.settings import FILE_NAME

#: Scripts, and the texts plugins read beside them (messages, the team).
_KINDS = (SCRIPT, ".md", ".txt", ".liquid", ".html", ".toml", ".json")
_IMAGES = tuple(images.KINDS)


class Folder:
    """A folder on disk, whatever edits it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: Seen | None = None

    @property
    def lately(self) -> Seen | None:
        """What the last look told."""
        return self._seen

    async def stamp(self) -> Stamp:
        """The date and size of each file."""
        began = monotonic()
        return (await asyncio.to_thread(self._looked, began)).stamp

    def _looked(self, began: float) -> Seen:
        found, before = _stamp(self._folder), self._seen
        same = before is not None and before.stamp == found
        self._seen = seen = Seen(began, before.stamp if before and same else found)
        return seen

    async def read(self) -> ProjectFiles:
        """Every file, whole."""
        return await asyncio.to_thread(lambda: ProjectFiles(dict(on_disk(self._folder).contents)))


def on_disk(folder: Path) -> ProjectFiles:
    """The files of a folder, each read when it is looked at."""
    return ProjectFiles(OnDisk(folder, partial(_paths, folder), partial(_held, folder)))


def _stamp(folder: Path) -> Stamp:
    found = set()
    for one in entries(folder):
        if not _of_project(one, folder):
            continue
        try:
            status = one.stat()
        except OSError:
            continue  # it went between the listing and the look; the next look will tell
        if S_ISREG(status.st_mode):
            found.add((one.path, status.st_mtime_ns, status.st_size))
    return frozenset(found)


def _paths(folder: Path) -> list[Path]:
    """The project's files. Its settings are none: they hold what is nobody's to read, and are the
    server's, not the rules'."""
    mine = (one for one in entries(folder) if _of_project(one, folder))
    return sorted(Path(one.path) for one in mine if one.is_file())


def _held(folder: Path, name: str) -> bool | None:
    """Whether the project has that file; None of those that stand in a folder of theirs."""
    if not name.endswith(_KINDS):
        return None
    return name != FILE_NAME and holds(folder, name, _KINDS)


def _of_project(one: os.DirEntry[str], folder: Path) -> bool:
    if one.name.endswith(_KINDS):
        return one.name != FILE_NAME or Path(one.path).parent != folder
    if one.name.endswith(_IMAGES):
        return images.FOLDER in Path(one.path).relative_to(folder).parts[:-1]
    return one.name.endswith(".csv") and Path(one.path).is_relative_to(folder / goods.FOLDER)
