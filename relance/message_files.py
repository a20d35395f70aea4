"""Messages that a plugin writes from files of the project: one kind of them, as the server asks of it."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from relance.fault import Fault
from relance.project_files import ProjectFiles
from relance.slot import SlotType
from relance.variable import Variable


@runtime_checkable
class MessageFiles(Protocol):
    """A kind of messages, one a file; `relance.templates` makes them.

    What `relance_slot_types`, `relance_references`, `relance_check` and `relance_review` would answer.
    """

    @property
    def slot_type(self) -> SlotType | None:
        """How scripts name one; None where the type is another plugin's."""

    def references(self, files: ProjectFiles) -> Mapping[str, Sequence[str]]:
        """What those of a project are called, by slot type."""

    def faults(self, files: ProjectFiles) -> Sequence[Fault]:
        """What is wrong in the files of a project."""

    def review(
        self, files: ProjectFiles, fields: Sequence[str], variables: Sequence[Variable]
    ) -> Sequence[Fault]:
        """What its author probably did not mean."""


@runtime_checkable
class EditedMessages(Protocol):
    """A kind of messages to leads that people write one by one: which file is each, how one begins.

    A new one goes in a folder of that name, its file's name ending with `suffix`. `channel` is the
    name of the channel that sends them.
    """

    channel: str
    folder: str
    suffix: str

    def places(self, files: ProjectFiles) -> Mapping[str, str]:
        """What each is called, by the file it is in, readable or not."""

    def begun(self, name: str) -> str:
        """The text of a new one of that name."""
