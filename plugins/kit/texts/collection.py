"""The messages of a project, one a file, found by name; a file is read again when it has changed.

A message is looked up when it is sent; the folder turns to the next publication between two sends.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock
from typing import Generic, TypeVar

from plugins.kit.texts.apart import apart
from relance.channel import Retry
from relance.fault import Fault
from relance.fold import fold
from relance.french import quoted

T = TypeVar("T")

_SKIPPED = {"node_modules", "__pycache__"}


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What was found in a file: a template, or the faults that keep it from being one."""

    name: str
    template: T | None
    faults: tuple[Fault, ...]


def files(project: Path, folder: str, suffix: str) -> Iterator[Path]:
    """The files of that suffix in the project's folders of that name, in order."""
    found: list[Path] = []
    for here, folders, names in os.walk(project):
        folders[:] = sorted(one for one in folders if one[0] != "." and one not in _SKIPPED)
        if folder in Path(here).relative_to(project).parts or Path(here).name == folder:
            found.extend(Path(here) / name for name in names if name.endswith(suffix))
    return iter(sorted(found))


class Collection(Generic[T]):
    """The messages of one kind: `folder` names where they stand, `read` makes one of a file."""

    def __init__(
        self, project: Path, folder: str, suffix: str, read: Callable[[Path, str], Read[T]]
    ) -> None:
        self._project = project
        self._folder = folder
        self._suffix = suffix
        self._reader = read
        self._read: dict[Path, tuple[tuple[int, int, int], Read[T]]] = {}
        self._named: dict[str, Path] = {}
        self._reading = RLock()  # messages are looked up from several threads

    def scan(self) -> None:
        """Look at the folder again."""
        self._named.clear()
        paths = list(files(self._project, self._folder, self._suffix))
        for gone in set(self._read) - set(paths):
            del self._read[gone]
        for path in paths:
            found = self._fresh(path)
            if found is not None:
                self._named.setdefault(fold(found.name), path)

    def _fresh(self, path: Path) -> Read[T] | None:
        try:
            seen = path.stat()
        except OSError:
            return None
        mark = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
        known = self._read.get(path)
        if known is None or known[0] != mark:
            known = (mark, self._reader(path, str(path.relative_to(self._project))))
            self._read[path] = known
        return known[1]

    def find(self, name: str) -> Read[T] | None:
        """The message of that name, case and accents aside; None when the project has none."""
        key = fold(name)
        with self._reading:
            path = self._named.get(key)
            found = self._fresh(path) if path is not None else None
            if found is None or fold(found.name) != key:
                self.scan()
                path = self._named.get(key)
                found = self._fresh(path) if path is not None else None
        return found

    def all(self) -> list[Read[T]]:
        """Every message, readable or not."""
        with self._reading:
            self.scan()
            return [read for _, read in self._read.values()]

    def faults(self) -> list[Fault]:
        """What is wrong in the folder; two messages of one name are."""
        found: list[Fault] = []
        seen: dict[str, Path] = {}
        with self._reading:
            self.scan()
            reads = {path: self._read[path][1] for path in sorted(self._read)}
        for path, message in reads.items():
            file = str(path.relative_to(self._project))
            found.extend(replace(fault, file=file) for fault in message.faults)
            first = seen.setdefault(fold(message.name), path)
            if first != path:
                other = str(first.relative_to(self._project))
                said = f"{quoted(message.name)} est déjà le nom de {quoted(other)}"
                found.append(Fault(file, 1, said))
        return found


async def template_of(messages: Collection[T], name: str, what: str) -> T | Retry:
    """The template of that name; Retry until its file is there again, or is mended.

    `what`: what it is, with its article: « le SMS ».
    """
    found = await apart(messages.find, name)
    if found is None:
        return Retry(f"{what} {quoted(name)} n’est pas dans le projet : remettez-le", ours=True)
    if found.template is None:
        return Retry(f"{what} {quoted(found.name)} contient une erreur : corrigez-la", ours=True)
    return found.template


def text_of(path: Path, most: int) -> str | None:
    """The text of a file in UTF-8; None when it is none, or larger than `most` bytes."""
    try:
        data = path.read_bytes()
        if len(data) > most:
            return None
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        return None
