"""What a page of an extension may know: the house over some days, or one lead. Read-only, and counted.

Nothing here names a table: what is asked is symbolic, and costs what the server's own reports do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from relance.events import NewEvent
from relance.indicator import Indicator
from relance.message_mark import MessageMark
from relance.report import Cell
from relance.values import Value


class MessagesBy(StrEnum):
    """What the messages of a channel are counted by."""

    MESSAGE = "message"
    #: What follows the @ of the address they went to; those that went to none are left out.
    DOMAIN = "domaine"


@dataclass(frozen=True, slots=True)
class MessageCount:
    """What became of some messages. `unreachable`: whom nobody could be found to hand them to.

    `marks`: of how many each was learnt, once a message; those read by a machine are not among them.
    """

    name: str
    sent: int = 0
    unreachable: int = 0
    marks: Mapping[MessageMark, int] = field(default_factory=dict)

    def of(self, mark: MessageMark) -> int:
        """Of how many that was learnt."""
        return self.marks.get(mark, 0)

    def share(self, mark: MessageMark) -> float | None:
        """The same, of those that were handed over or could not be; None of none."""
        whole = self.sent + self.unreachable
        return min(self.of(mark) / whole, 1.0) if whole else None


class House(Protocol):
    """The house over some days, of its own zone."""

    @property
    def first(self) -> date:
        """The first of these days."""

    @property
    def last(self) -> date:
        """The last, which is one of them."""

    @property
    def now(self) -> datetime:
        """The present instant, in UTC."""

    @property
    def zone(self) -> ZoneInfo:
        """Where its days begin."""

    @property
    def currency(self) -> str:
        """That of its amounts: « CAD »."""

    async def indicators(self, asked: Sequence[Indicator]) -> Mapping[str, Cell]:
        """What each came to over these days, by its key: those that plugins declare, and no others.

        None of what cannot be counted: a rate of nothing.
        """

    async def messages(
        self, channel: str, by: MessagesBy, most: int = 100
    ) -> Sequence[MessageCount]:
        """What left on these days by a channel, and what was learnt on them; the most sent first.

        `most` at the most, all the others together under an empty name.
        """


class KnownLead(Protocol):
    """One lead, whose page is looked at by somebody who may see what is personal."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def called(self) -> str:
        """What pages call it: its name, else its address."""

    @property
    def fields(self) -> Mapping[str, Value]:
        """Those that hold something, by name."""

    @property
    def now(self) -> datetime:
        """The present instant, in UTC."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone that applies to it."""

    async def events(self, types: Sequence[str], most: int = 20) -> Sequence[NewEvent]:
        """Its latest events of these types, the latest first, `most` of each, each with its time."""
