"""The messages of a project, one a file, found by name; a file that has not changed is read once.

A message is looked up when it is sent, in the files of what is published then.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath
from threading import Lock
from typing import Generic, TypeVar

from plugins.kit.texts.apart import apart
from relance.channel import Retry
from relance.fault import Fault
from relance.fold import fold
from relance.french import quoted
from relance.project_files import ProjectFiles

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What was found in a file: a template, or the faults that keep it from being one."""

    name: str
    template: T | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Messages(Generic[T]):
    """Those of one project, by file, and by name: case and accents aside."""

    by_file: Mapping[str, Read[T]] = field(default_factory=dict)

    @cached_property
    def _by_name(self) -> Mapping[str, Read[T]]:
        return {fold(one.name): one for one in reversed(list(self))}

    def __iter__(self) -> Iterator[Read[T]]:
        return iter(self.by_file.values())

    def find(self, name: str) -> Read[T] | None:
        """The message of that name; None when the project has none."""
        return self._by_name.get(fold(name))

    @property
    def names(self) -> Sequence[str]:
        """What they are called, readable or not."""
        return [one.name for one in self]

    @property
    def faults(self) -> Sequence[Fault]:
        """What is wrong in their files; two messages of one name are."""
        found: list[Fault] = []
        seen: dict[str, str] = {}
        for file, message in self.by_file.items():
            found.extend(replace(fault, file=file) for fault in message.faults)
            first = seen.setdefault(fold(message.name), file)
            if first != file:
                said = f"{quoted(message.name)} est déjà le nom de {quoted(first)}"
                found.append(Fault(file, 1, said))
        return found


class Collection(Generic[T]):
    """One kind of messages: the files that end in `suffix` below folders of that name.

    `read` makes one of the text of a file, of what it is called unless it says so itself, and of the
    file's path. `what` is what it is, with its article (« le SMS »), `most` how many bytes it may have.
    """

    def __init__(
        self,
        folder: str,
        suffix: str,
        read: Callable[[str, str, str], Read[T]],
        what: str,
        most: int,
    ) -> None:
        self.folder, self.suffix, self.most = folder, suffix, most
        self._read, self._what = read, what
        self._last: tuple[ProjectFiles, Messages[T]] = ProjectFiles(), Messages()
        #: What was read of each file, and of which text.
        self._of_text: dict[str, tuple[str, Read[T]]] = {}
        self._reading = Lock()  # messages are looked up from several threads

    def of(self, files: ProjectFiles) -> Messages[T]:
        """Those of a project."""
        known, found = self._last
        if known is files:
            return found
        with self._reading:
            known, found = self._last
            if known is not files:
                inside = files.inside(self.folder, self.suffix)
                found = Messages({file: self._fresh(file, files) for file in inside})
                self._of_text = {f: one for f, one in self._of_text.items() if f in found.by_file}
                self._last = files, found
        return found

    async def template(self, files: ProjectFiles, name: str) -> T | Retry:
        """The template of that name; Retry until a publication brings its file back, or mended."""
        known, messages = self._last
        if known is not files:
            messages = await apart(self.of, files)
        found = messages.find(name)
        if found is None:
            told = f"{self._what} {quoted(name)} n’est pas dans le projet : remettez-le"
            return Retry(told, ours=True)
        if found.template is None:
            told = f"{self._what} {quoted(found.name)} contient une erreur : corrigez-la"
            return Retry(told, ours=True)
        return found.template

    def texts(self, files: ProjectFiles) -> Iterator[tuple[str, str]]:
        """The files of a project that can be read, and their texts."""
        return files.texts(self.folder, self.suffix, self.most)

    def _fresh(self, file: str, files: ProjectFiles) -> Read[T]:
        """What is in a file: read again only if it is not as it was."""
        name, text = PurePosixPath(file).stem, files.text(file, self.most)
        if text is None:
            most = f"{self.most // 1_000}\u00a0ko"
            told = f"ce fichier n’est pas un texte en UTF-8, ou compte plus de {most}"
            return Read(name, None, (Fault(file, 1, told),))
        known = self._of_text.get(file)
        if known is None or known[0] != text:
            known = self._of_text[file] = text, self._read(text, name, file)
        return known[1]
