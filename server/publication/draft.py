"""The project's files at one instant: what a publication is made of."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from relance import goods
from server.folder import SCRIPT, files
from server.publication import in_place
from server.settings import FILE_NAME

#: Scripts, and the texts plugins read beside them (messages, the team).
_KINDS = (SCRIPT, ".md", ".txt", ".liquid", ".html", ".toml", ".json")

_MADE = f"{in_place.FOLDER}/"
#: Path, date and size of each file.
Stamp: TypeAlias = frozenset[tuple[str, int, int]]


@dataclass(frozen=True)
class Draft:
    """Each file by its path in the project, « / » between folders."""

    files: Mapping[str, bytes]

    @cached_property
    def digest(self) -> str:
        """A name for exactly these files."""
        found = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            found.update(f"{name}\0{len(content)}\0".encode())
            found.update(content)
        return found.hexdigest()

    @property
    def edited(self) -> "Draft":
        """Without what its scripts write in place: the files a team edits."""
        mine = {name: one for name, one in self.files.items() if not name.startswith(_MADE)}
        return self if len(mine) == len(self.files) else Draft(mine)

    def lost(self, former: "Draft") -> tuple[str, ...]:
        """The files of a former draft that are gone from this one, or were emptied."""
        return tuple(
            name
            for name, content in sorted(former.edited.files.items())
            if content.strip() and not self.files.get(name, b"").strip()
        )

    def write(self, folder: Path) -> None:
        """Lay its files in an empty folder that is nobody else's."""
        for name, content in self.files.items():
            path = folder / PurePosixPath(name)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_bytes(content)

    def keeping(self, names: Mapping[str, bytes]) -> "Draft":
        """The same with those files as given."""
        return Draft({**self.files, **names})


def stamp(folder: Path) -> Stamp:
    """What tells a change of the files without reading them."""
    found = set()
    for path in _paths(folder):
        try:
            status = path.stat()
        except OSError:
            continue  # it went between the listing and the look; the next look will tell
        found.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)


def read(folder: Path) -> Draft:
    """The draft in a folder; OSError when one of its files cannot be read."""
    return Draft(
        {path.relative_to(folder).as_posix(): path.read_bytes() for path in _paths(folder)}
    )


def _paths(folder: Path) -> Iterator[Path]:
    """The project's files. Its settings are none: they hold what is nobody's to read, and are the
    server's, not the rules'."""
    for path in files(folder, _KINDS):
        if path.relative_to(folder).as_posix() != FILE_NAME:
            yield path
    yield from files(folder / goods.FOLDER, (".csv",))
