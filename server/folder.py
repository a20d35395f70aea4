"""A project's folder on disk: which of its files are the project's."""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

#: How the name of a script ends.
SCRIPT = ".relance"
#: A folder whose files are no part of the project (the server keeps its data in one).
_HIDDEN = "."
#: Folders that tools fill, with other people's files.
_TOOLS = frozenset({"node_modules", "__pycache__"})


def files(folder: Path, suffixes: Collection[str]) -> list[Path]:
    """The project's files whose names end so, in order."""
    found: list[Path] = []
    for here, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if one[0] != _HIDDEN and one not in _TOOLS]
        paths = (Path(here, name) for name in names if name[0] != _HIDDEN)
        found += (path for path in paths if path.suffix in suffixes and path.is_file())
    return sorted(found)


def scripts(folder: Path) -> list[Path]:
    """The project's scripts."""
    return files(folder, (SCRIPT,))


class OnDisk(Mapping[str, bytes]):
    """Files of a folder by their path in it, each read when it is first looked at.

    A command that looks at one script of a large folder reads no more of it. OSError for a file that
    cannot be read.
    """

    def __init__(self, folder: Path, paths: Collection[Path]) -> None:
        self._paths = {path.relative_to(folder).as_posix(): path for path in paths}
        self._read: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        if name not in self._read:
            self._read[name] = self._paths[name].read_bytes()
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)
