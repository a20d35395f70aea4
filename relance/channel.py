"""Channels: how a message leaves, and what a sender may answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol, TypeAlias, runtime_checkable

from relance.events import NewEvent
from relance.person import Person
from relance.reach import Reach
from relance.values import Value


def _unheard() -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one lead.

    `key` is the same at every attempt, and unique to this enrolment, statement, occurrence and
    channel: hand it to the provider as its idempotency key. `template` names the message in
    the script. `address` is the value of the channel's `address_field`. `attempt` counts from 1.
    `recipient` is to whom it goes when that is not the lead: a name of the team, or an address;
    `person` is the member of the team of that name, None when there is none any more. `score` is
    the lead's, `step` the last named step it passed in the campaign.

    `fields` are those that may be said to whoever is written to. What a stranger may have stated of
    the lead and nobody vouches for yet, too long for a name or holding an address, is in `unsaid`:
    `record` has it all, for what is no message to the lead (a CRM).

    `gathered`, where the channel's `Limits` say so, are other messages that this one stands for,
    the oldest first and at most a hundred; `count` is how many it stands for, itself included.

    `leaving` is for channels whose `Limits` are `announced`.
    """

    key: str
    template: str
    lead_id: int
    address: str
    fields: Mapping[str, Value]
    campaign: str
    attempt: int
    at: datetime
    recipient: str | None = None
    person: Person | None = None
    score: int = 0
    step: str | None = None
    unsaid: Mapping[str, Value] = field(default_factory=dict)
    gathered: tuple["Message", ...] = ()
    count: int = 1
    leaving: Callable[[], None] = field(default=_unheard, compare=False, repr=False)

    @property
    def record(self) -> Mapping[str, Value]:
        """Everything that is known of the lead, proven or not."""
        return {**self.fields, **self.unsaid}

    def __reduce__(self) -> tuple[type["Message"], tuple[object, ...]]:
        """Handed to another process, it announces nothing: what leaves, leaves from here."""
        said = (getattr(self, one.name) for one in fields(self) if one.name != "leaving")
        return Message, tuple(said)


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it. `events` are recorded about the lead, `fields` it taught are written.

    `as_of` tells since when those fields say so, as `Incoming.as_of` does; the channel's name is
    their source. `reach` is what it changes of whether and where people are written to.
    """

    reference: str | None = None
    events: tuple[NewEvent, ...] = ()
    fields: Mapping[str, Value] = field(default_factory=dict)
    as_of: datetime | None = None
    reach: tuple[Reach, ...] = ()


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now: try again, after `after` seconds if the provider said so (`Retry-After`).

    `ours`: what is missing is the project's to mend, and no fault of the provider's: the channel
    goes on with other messages.
    """

    reason: str
    after: float | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: the address or the message will not do. `events` are recorded (a bounce).

    `unreachable`: the address is at fault, not the message nor the settings; it is a matter of
    one lead's record, and no sign that the channel is unwell. `reach` is what it changes of
    whether and where people are written to: an address that is dead, or that asked for peace.
    """

    reason: str
    events: tuple[NewEvent, ...] = ()
    unreachable: bool = False
    reach: tuple[Reach, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubtful:
    """It may have left or not: nobody can tell (connection lost after the last byte)."""

    reason: str


Outcome: TypeAlias = Sent | Retry | Refused | Doubtful


class Doubt(Enum):
    """What to do with a message in doubt.

    LOOKUP asks the provider (`Channel.lookup`); RESEND sends it again under the same key (the
    provider or the reader can tell the copies apart); HOLD never sends it again by itself.
    """

    LOOKUP = "lookup"
    RESEND = "resend"
    HOLD = "hold"


#: Any domain that no pace of `Limits` names.
OTHER_DOMAINS = "*"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel bears: messages under way at once, and messages a second (None: no bound).

    `announced`: the channel calls `Message.leaving` for every message, just before its first byte
    that cannot be taken back. After an abrupt stop, those that were not announced leave again as
    if nothing had happened; without it, all that was under way is in doubt.

    `counted`: for a channel that writes to no field of the lead, but to what is attached to it
    (`relance.reach.Attach`): its messages count against the lead, and against each of those, as messages to
    an address count against it.

    `paces`: messages a second to the addresses of a domain (« gmail.com »), `OTHER_DOMAINS` for each
    of the others. `first_day`: how many a sender that nobody knows yet may send in 24 hours; then twice as
    many as the day before. What is beyond waits.

    `gathers`: messages of one template to one recipient that is not the lead leave together: the
    first at once, those decided within that time of it as one, at its end (`Message.gathered`).
    """

    concurrency: int = 8
    per_second: float | None = None
    timeout: float = 60.0
    max_attempts: int = 12
    announced: bool = False
    counted: bool = False
    gathers: timedelta | None = None
    paces: Mapping[str, float] = field(default_factory=dict)
    first_day: int | None = None


class Channel(Protocol):
    """A way out. The engine owns retries, rate, concurrency and suppression; a channel sends."""

    name: str
    limits: Limits
    doubt: Doubt

    @property
    def address_field(self) -> str | None:
        """The lead field that holds the address this channel writes to.

        None when it needs none of the lead: it writes to `Message.recipient`, or to a program.
        """

    async def send(self, message: Message) -> Outcome:
        """Send one message. An exception counts as `Doubtful` and is logged as a bug."""

    async def lookup(self, key: str) -> Outcome | None:
        """What became of that key at the provider; None when it cannot tell."""

    async def close(self) -> None:
        """Let go of connections; called once when the server stops."""


@dataclass(frozen=True, slots=True)
class ChannelTrial:
    """What a trial of a channel came to: whether it would send now, and what was found, in French."""

    works: bool
    said: str


@runtime_checkable
class Triable(Protocol):
    """A channel that can say whether it would send now: it asks its provider, and sends nothing."""

    async def attempt(self) -> ChannelTrial:
        """Reach the provider as a message would, with the same account."""


@runtime_checkable
class Composer(Protocol):
    """A channel that can say what it would send: scenarios, where nothing leaves, ask it."""

    async def compose(self, message: Message) -> str | Outcome:
        """The words that `send` would hand over, or why there are none."""


@dataclass(frozen=True, slots=True)
class PreviewLink:
    """A link of a message: what it is called, and where it leads for that lead."""

    name: str
    target: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a lead would be shown: each part empty where the channel has none.

    `html` is a whole page, the project's images at the addresses of `relance.images`. `preheader` is
    what an inbox shows beside the subject; `leave` where its reader asks for no more; `size` what it
    takes of what it is paid by, in French (« 160 caractères, 1 partie »).
    """

    text: str
    subject: str = ""
    html: str = ""
    links: tuple[PreviewLink, ...] = ()
    preheader: str = ""
    leave: str = ""
    size: str = ""


@runtime_checkable
class Previewer(Protocol):
    """A channel that can show what it would send, and send it to somebody who only looks.

    What is tried is nobody's: its links are not followed, and nothing of it is told or counted.
    """

    async def preview(self, message: Message) -> Preview | Outcome:
        """What that lead would be shown, or why nothing."""

    async def try_out(self, message: Message) -> Outcome:
        """Send it to `message.address`, said to be an essay."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside a letter. `kind`: its media type (« text/csv; charset=utf-8 »)."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class TeamLetter:
    """What the server writes to somebody of its own team, about no lead: a report, say.

    `key` is the same at every attempt, and no other letter's. `html` is a whole page, `text` the same
    in words alone. `leaving` is called just before the first byte that cannot be taken back.
    """

    key: str
    address: str
    subject: str
    html: str
    text: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    leaving: Callable[[], None] = field(default=_unheard, compare=False, repr=False)


@runtime_checkable
class LetterWriter(Protocol):
    """A channel that takes letters as well, within the limits of its messages."""

    limits: Limits
    doubt: Doubt

    @property
    def letters_lack(self) -> str:
        """What is missing before any can leave, in French; empty when nothing is."""

    async def write_letter(self, letter: TeamLetter) -> Outcome:
        """Hand one over, as it is."""
