"""A message this process has taken, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from relance.channel import Message, Outcome
from server.dispatch.addressees import Addressee

#: The primary key of a row of the outbox.
Key: TypeAlias = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """A message this process has taken: to be sent, or, when `ask`, to be asked after.

    `addressee`: the lead it is about; None when there is none any more. `exempt`: the operator let
    it past the limits by recipient.
    """

    key: Key
    message: Message
    doubted: bool
    ask: bool
    addressee: Addressee | None = None
    exempt: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """A claim and what became of it. `asked` outcomes come from the provider's own books."""

    claim: Claim
    outcome: Outcome
    at: datetime
    asked: bool = False


def binds(key: Key) -> dict[str, Any]:
    """The parameters that find a row of the outbox."""
    return {f"k{at}": part for at, part in enumerate(key)}
