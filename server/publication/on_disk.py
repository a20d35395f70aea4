"""A project edited in a folder, whatever edits it there."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from relance import goods, images
from relance.project_files import ProjectFiles
from server.folder import SCRIPT, OnDisk, files
from server.publication.source import Stamp
from server.settings import FILE_NAME

#: Scripts, and the texts plugins read beside them (messages, the team).
_KINDS = (SCRIPT, ".md", ".txt", ".liquid", ".html", ".toml", ".json")


class Folder:
    """A folder on disk, whatever edits it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def stamp(self) -> Stamp:
        """The date and size of each file."""
        return await asyncio.to_thread(_stamp, self._folder)

    async def read(self) -> ProjectFiles:
        """Every file, whole."""
        return await asyncio.to_thread(lambda: ProjectFiles(dict(on_disk(self._folder).contents)))


def on_disk(folder: Path) -> ProjectFiles:
    """The files of a folder, each read when it is looked at."""
    return ProjectFiles(OnDisk(folder, list(_paths(folder))))


def _stamp(folder: Path) -> Stamp:
    found = set()
    for path in _paths(folder):
        try:
            status = path.stat()
        except OSError:
            continue  # it went between the listing and the look; the next look will tell
        found.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)


def _paths(folder: Path) -> Iterator[Path]:
    """The project's files. Its settings are none: they hold what is nobody's to read, and are the
    server's, not the rules'."""
    for path in files(folder, _KINDS):
        if path.relative_to(folder).as_posix() != FILE_NAME:
            yield path
    yield from files(folder / goods.FOLDER, (".csv",))
    for path in files(folder, images.KINDS):
        if images.FOLDER in path.relative_to(folder).parts[:-1]:
            yield path
