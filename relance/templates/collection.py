"""The messages of a project, one a file, found by name; a file that has not changed is read once.

A message is looked up when it is sent, in the files of what is published then.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath
from threading import Lock
from typing import Generic, TypeVar

from relance.channel import Message, Outcome, Refused, Retry
from relance.errors import StoreUnavailable
from relance.fault import Fault
from relance.fold import fold
from relance.french import quoted
from relance.host import Host
from relance.nature import Nature
from relance.project_files import ProjectFiles
from relance.slot import InPlace, SlotType
from relance.templates.filling import Unfilled, filled
from relance.templates.naming import NAME, front, head, nature_of
from relance.templates.reading_thread import in_reading_thread
from relance.templates.review import Vocabulary, review
from relance.variable import Shape, Variable

T = TypeVar("T")
W = TypeVar("W")
#: Projects whose messages are remembered: what runs, the draft, what is being typed.
_REMEMBERED = 4
#: What a new message says until somebody writes it.
_BEGUN = "Bonjour,\n\nÉcrivez votre message ici.\n"


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
    """One kind of messages (`relance.MessageFiles`): the files of a suffix below folders of a name.

    `read` makes one of the text of a file, of what it is called unless it says so itself, and of the
    file's path. `what` is what it is, with its article (« le SMS »), `most` how many bytes it may have.

    `slot` is the type of the slots that name one in scripts, `help` what it is told as there; without
    it the type is another plugin's. `head`: what stands before a text written in place
    (`relance.InPlace`). `own` are the variables of such messages beside those of all, `elsewhere` those
    of other kinds, and where they stand; `to_lead`: they go to an address of the lead. `channel` is
    the one that sends them to leads, for those that may be of service (`relance.NaturedFiles`).
    """

    def __init__(
        self,
        folder: str,
        suffix: str,
        read: Callable[[str, str, str], Read[T]],
        what: str,
        most: int,
        *,
        slot: str,
        help: str | None = None,
        head: Callable[[str], str] = head,
        own: Mapping[str, Shape] | None = None,
        elsewhere: Mapping[str, str] | None = None,
        to_lead: bool = True,
        channel: str = "",
    ) -> None:
        self.folder, self.suffix, self.most = folder, suffix, most
        self.channel = channel
        self._read, self._what = read, what
        self._slot, self._help, self._head = slot, help, head
        self._own, self._elsewhere, self._to_lead = own or {}, elsewhere or {}, to_lead
        #: The projects looked at last: whoever tries a draft has nothing read again of what is sent.
        self._last: OrderedDict[ProjectFiles, Messages[T]] = OrderedDict()
        self._natures: tuple[ProjectFiles, Mapping[str, Nature]] = ProjectFiles(), {}
        #: What was read of each file, by its path and its text.
        self._of_text: dict[tuple[str, str], Read[T]] = {}
        # Messages are looked up from several threads: who reads thousands of a draft keeps nobody waiting
        # who sends those of what runs.
        self._reading, self._looking = Lock(), Lock()

    def of(self, files: ProjectFiles) -> Messages[T]:
        """What these files hold, read once for as long as they are the same."""
        found = self._known(files)
        if found is None:
            with self._reading:
                found = self._known(files)
                if found is None:
                    inside = files.inside(self.folder, self.suffix)
                    found = Messages({file: self._fresh(file, files) for file in inside})
                    self._remember(files, found)
        return found

    def _known(self, files: ProjectFiles) -> Messages[T] | None:
        with self._looking:
            found = self._last.get(files)
            if found is not None:
                self._last.move_to_end(files)
            return found

    def _remember(self, files: ProjectFiles, found: Messages[T]) -> None:
        with self._looking:
            self._last[files] = found
            while len(self._last) > _REMEMBERED:
                self._last.popitem(last=False)
            self._forget()

    def _forget(self) -> None:
        """Keep what was read of the texts that are still somebody's."""
        known = {id(one) for each in self._last.values() for one in each}
        self._of_text = {key: read for key, read in self._of_text.items() if id(read) in known}

    def _fresh(self, file: str, files: ProjectFiles) -> Read[T]:
        """What is in a file: read again only if it is not as it was."""
        name, text = PurePosixPath(file).stem, files.text(file, self.most)
        if text is None:
            most = f"{self.most // 1_000}\u00a0ko"
            message = f"ce fichier n’est pas un texte en UTF-8, ou compte plus de {most}"
            return Read(name, None, (Fault(file, 1, message),))
        known = self._of_text.get((file, text))
        if known is None:
            known = self._of_text[file, text] = self._read(text, name, file)
        return known

    # --- What scripts and their checker ask ---------------------------------------------------

    @property
    def slot_type(self) -> SlotType | None:
        """How scripts name one; None where the type is another plugin's."""
        if self._help is None:
            return None
        written = InPlace(self.folder, self.suffix, self._head)
        return SlotType(self._slot, self._help, closed=True, in_place=written)

    def references(self, files: ProjectFiles) -> Mapping[str, Sequence[str]]:
        """What those of a project are called, readable or not."""
        return {self._slot: [one.name for one in self.of(files)]}

    def places(self, files: ProjectFiles) -> Mapping[str, str]:
        """What each is called, by the file it is in, readable or not."""
        return {file: one.name for file, one in self.of(files).by_file.items()}

    def begun(self, name: str) -> str:
        """The text of a new one of that name."""
        return f"{self._head(name)}{_BEGUN}"

    def natures(self, files: ProjectFiles) -> Mapping[str, Nature]:
        """What those of a project are, by folded name; the heads of files are enough to tell."""
        known, found = self._natures
        if known is not files:
            texts = files.texts(self.folder, self.suffix, self.most) if self.channel else ()
            found = {
                fold(front(text).get(NAME) or PurePosixPath(file).stem): nature_of(text)
                for file, text in texts
            }
            self._natures = files, found
        return found

    def faults(self, files: ProjectFiles) -> Sequence[Fault]:
        """What is wrong in the files of a project."""
        return self.of(files).faults

    def review(
        self, files: ProjectFiles, fields: Sequence[str], variables: Sequence[Variable]
    ) -> Sequence[Fault]:
        """What its author probably did not mean: a variable nobody knows."""
        said = Vocabulary(fields, variables, self._own, self._elsewhere, self._to_lead)
        texts = files.texts(self.folder, self.suffix, self.most)
        return [doubt for file, text in texts for doubt in review(file, text, said)]

    # --- What a channel asks ------------------------------------------------------------------

    async def template(self, files: ProjectFiles, name: str) -> T | Retry:
        """The template of that name; Retry until a publication brings its file back, or mended."""
        messages = self._last.get(files)
        if messages is None:
            messages = await in_reading_thread(self.of, files)
        found = messages.find(name)
        if found is None:
            message = f"{self._what} {quoted(name)} n’est pas dans le projet : remettez-le"
            return Retry(message, ours=True)
        if found.template is None:
            message = f"{self._what} {quoted(found.name)} contient une erreur : corrigez-la"
            return Retry(message, ours=True)
        return found.template

    async def filled(
        self,
        host: Host,
        message: Message,
        names: frozenset[str],
        written: Callable[[Message, Mapping[str, object]], W],
    ) -> W | Outcome:
        """What `written` makes of a message, beside (`filling`), or why it makes nothing.

        It is handed the message, and the variables of those names as they are for it.
        """
        try:
            known = await host.variables(message, names)
            return await filled(written, message, known)
        except StoreUnavailable:
            return Retry("rien ne peut être lu pour le moment")
        except Unfilled as error:
            name = quoted(message.template)
            return Refused(f"impossible de remplir {self._what} {name} : {error}")
