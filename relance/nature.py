"""What a message is: an offer, which policies and consent are about, or what somebody is owed."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol, runtime_checkable

from relance.fold import fold
from relance.project_files import ProjectFiles


class Nature(StrEnum):
    """`MARKETING` unless the message says that it is `SERVICE`: a receipt, a code, an appointment."""

    MARKETING = "marketing"
    SERVICE = "service"

    @classmethod
    def read(cls, text: str) -> "Nature | None":
        """What an author wrote after « nature : »; None when it is neither."""
        return next((one for one in cls if one.value == fold(text)), None)


@runtime_checkable
class NaturedFiles(Protocol):
    """A kind of messages (`relance.MessageFiles`) that go to leads, and may say what they are.

    `channel` is the name of the channel that sends them.
    """

    channel: str

    def natures(self, files: ProjectFiles) -> Mapping[str, Nature]:
        """What those of a project are, by folded name, however badly the rest of them reads."""
