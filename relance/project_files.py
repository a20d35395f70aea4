"""A project's files as plugins are handed them: those of a publication, of a draft, of a test.

Nobody else's to change while they are looked at: what is read twice is the same twice. A plugin is
never told where they are kept, on a disk or in the store.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, eq=False)
class ProjectFiles:
    """The files of a project at one instant, each by its path in it, « / » between folders."""

    contents: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Mapping[str, str | bytes]) -> "ProjectFiles":
        """Files of these texts, in UTF-8: how a test makes a project."""
        return cls({n: t.encode() if isinstance(t, str) else t for n, t in texts.items()})

    @cached_property
    def digest(self) -> str:
        """A name for exactly these files."""
        found = hashlib.sha256()
        for name, content in sorted(self.contents.items()):
            found.update(f"{name}\0{len(content)}\0".encode())
            found.update(content)
        return found.hexdigest()

    def mark(self, name: str) -> str:
        """A name for that file as it is: 64 hexadecimal digits. KeyError when there is none."""
        if name not in self._marks:
            self._marks[name] = ProjectFiles({name: self.contents[name]}).digest
        return self._marks[name]

    @cached_property
    def _marks(self) -> dict[str, str]:
        return {}

    def inside(self, folder: str, suffix: str) -> Iterator[str]:
        """The files that end so, below any folder of that name, in the order of their paths."""
        for path in sorted(name.split("/") for name in self.contents if name.endswith(suffix)):
            if folder in path[:-1]:
                yield "/".join(path)

    def text(self, name: str, most: int) -> str | None:
        """A file's text; None when there is no such file, it is no UTF-8, or exceeds `most` bytes."""
        try:
            data = self.contents[name]
            return None if len(data) > most else data.decode("utf-8-sig").replace("\r\n", "\n")
        except (KeyError, OSError, UnicodeDecodeError):
            return None

    def texts(self, folder: str, suffix: str, most: int) -> Iterator[tuple[str, str]]:
        """Those of `inside` that have a text, and it."""
        for name in self.inside(folder, suffix):
            text = self.text(name, most)
            if text is not None:
                yield name, text

    def keeping(self, contents: Mapping[str, bytes]) -> "ProjectFiles":
        """The same with those files as given."""
        return ProjectFiles({**self.contents, **contents}) if contents else self
