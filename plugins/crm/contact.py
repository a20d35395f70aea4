"""A contact as a CRM keeps it, and what a CRM must be able to do: a second one is another file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from relance.channel import Doubtful, Refused, Retry


@dataclass(frozen=True, slots=True)
class Contact:
    """What the CRM holds: its own number, its properties as texts, when it last changed."""

    id: str
    properties: Mapping[str, str]
    modified_at: datetime | None = None


class CallFailed(Exception):
    """A call came to nothing; `outcome` is what the channel answers for it."""

    def __init__(self, outcome: Retry | Refused | Doubtful) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class Crm(Protocol):
    """A CRM. Each method raises `Failed` when it cannot do what it says."""

    async def find(self, email: str, properties: Sequence[str]) -> Contact | None:
        """The contact of that address, with those properties."""

    async def write(
        self, email: str, properties: Mapping[str, str], key: str, asked: Sequence[str]
    ) -> Contact:
        """Make or change the contact; the same `key` at every attempt. `asked`: what to give back."""

    async def written(self, key: str, asked: Sequence[str]) -> Contact | None:
        """The contact last written under that key; None when there is none, or it cannot tell."""

    async def close(self) -> None:
        """Let connections go."""
