"""The messages of a project: every `.md` file of its `courriels` folders, by name.

A message is looked up when it is sent, so that an edited file counts from the next send on.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from plugins.email.template import Read, Template, link_names, read
from plugins.texts.names import fold
from relance.fault import Fault

FOLDER = "courriels"
_SKIPPED = {"node_modules", "__pycache__"}


def files(folder: Path) -> Iterator[Path]:
    """The files that hold messages, in the order of their names."""
    found: list[Path] = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if one[0] != "." and one not in _SKIPPED)
        if FOLDER in Path(here).relative_to(folder).parts or Path(here).name == FOLDER:
            found.extend(Path(here) / name for name in names if name.endswith(".md"))
    return iter(sorted(found))


class Messages:
    """The messages in a folder; a file is read again when it has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, tuple[tuple[int, int], Read]] = {}
        self._named: dict[str, Path] = {}
        self._good: dict[Path, Template] = {}

    def scan(self) -> None:
        """Look at the folder again."""
        self._named.clear()
        paths = list(files(self._folder))
        for gone in set(self._read) - set(paths):
            del self._read[gone]
        for path in paths:
            found = self._fresh(path)
            if found is not None:
                self._named.setdefault(fold(found.name), path)

    def _fresh(self, path: Path) -> Read | None:
        try:
            seen = path.stat()
        except OSError:
            return None
        mark = (seen.st_mtime_ns, seen.st_size)
        known = self._read.get(path)
        if known is None or known[0] != mark:
            known = (mark, read(path, str(path.relative_to(self._folder))))
            self._read[path] = known
            if known[1].template is not None:
                self._good[path] = known[1].template
        return known[1]

    def find(self, name: str) -> Read | None:
        """The message of that name, case and accents aside; None when the project has none."""
        key = fold(name)
        path = self._named.get(key)
        found = self._fresh(path) if path is not None else None
        if found is None or fold(found.name) != key:
            self.scan()
            path = self._named.get(key)
            found = self._fresh(path) if path is not None else None
        if path is None or found is None or found.template is not None:
            return found
        # A file being edited may be broken for a while: its last good version serves till then.
        return replace(found, template=self._good.get(path))

    def all(self) -> list[Read]:
        """Every message, readable or not."""
        self.scan()
        return [read for _, read in self._read.values()]

    def faults(self) -> list[Fault]:
        """What is wrong in the folder; two messages of one name are."""
        found: list[Fault] = []
        seen: dict[str, Path] = {}
        self.scan()
        for path in sorted(self._read):
            message = self._read[path][1]
            file = str(path.relative_to(self._folder))
            found.extend(replace(fault, file=file) for fault in message.faults)
            first = seen.setdefault(fold(message.name), path)
            if first != path:
                other = first.relative_to(self._folder)
                found.append(Fault(file, 1, f"« {message.name} » est déjà le nom de « {other} »"))
        return found

    def references(self) -> dict[str, list[str]]:
        """Names of messages and of their links, for the checker."""
        reads = self.all()
        templates: list[Template] = [one.template for one in reads if one.template is not None]
        links = {name: None for template in templates for name in link_names(template)}
        return {"courriel": [one.name for one in reads], "lien": list(links)}
