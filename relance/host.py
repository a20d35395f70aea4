"""What a running server offers its plugins: the only way a plugin reaches the outside."""

import ssl
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from relance.challenge import Challenge, Miss
from relance.channel import Message
from relance.consent import Purpose
from relance.events import NewEvent
from relance.link import Link
from relance.preferences import Preferences
from relance.project_files import ProjectFiles
from relance.proof import Proof
from relance.reach import Reach
from relance.values import Several, Value


class Clock(Protocol):
    """The one source of time."""

    def now(self) -> datetime:
        """The present instant, in UTC."""


@dataclass(frozen=True, slots=True)
class Identities:
    """What tells who a lead is; at least one is given. `visitor` is the site's cookie."""

    lead_id: int | None = None
    email: str | None = None
    phone: str | None = None
    visitor: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A fact from the world: who it is about, the fields it teaches, the events it tells.

    Stored whole or not at all. `key` makes the whole idempotent within `source`: for a month, by
    which senders have given up, or for good when it is `lasting` (a sale told again years later).
    `proof` is how sure the source is: less sure than what is known, it changes nothing of it, and
    what it says is kept aside for the team. `as_of` is since when the fields are so, where the
    source still says they are (a CRM); else they are as of the latest of the events, or of now. A
    field keeps the latest value by that time, in whatever order the facts come. `receives`: the
    visitor's browser is to receive the lead's messages; one that is known only for having followed
    a link, which may have been forwarded, is then a lead of its own. Fields are named as their
    project or people's usual tools name them (`relance.field_names`). `reach` is what the fact
    changes of whether and where people are written to.
    """

    source: str
    identities: Identities
    fields: Mapping[str, Value | Several] = field(default_factory=dict)
    events: Sequence[NewEvent] = ()
    key: str | None = None
    as_of: datetime | None = None
    lasting: bool = False
    proof: Proof = Proof.STATED
    receives: bool = False
    reach: Sequence[Reach] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an `Incoming`: the lead it was stored about; `duplicate` if it was known.

    `conflict`: its key was used before for something else, and nothing of it was stored.
    `forgotten`: it was about a person who asked to be forgotten, and nothing of it was stored
    (`lead_id` is 0 then, and nobody's).
    """

    lead_id: int
    duplicate: bool = False
    conflict: bool = False
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A note a plugin had the host keep (`Host.hold`), and when."""

    group: str
    text: str
    at: datetime


#: What becomes of the notes of a group, once the first of them is due: facts to record.
Holder: TypeAlias = Callable[[Sequence[Held]], Awaitable[Sequence[Incoming]]]


class Network(Protocol):
    """The guarded way out: addresses are checked at connect time, time-outs and sizes bounded."""

    def smtp(
        self, host: str, port: int, *, tls: bool, context: ssl.SSLContext | None, timeout: float
    ) -> AbstractAsyncContextManager[Any]:
        """A connected `aiosmtplib.SMTP`; raises `relance.errors.NetworkRefused`."""

    def http(self, *, timeout: float) -> AbstractAsyncContextManager[Any]:
        """An `httpx.AsyncClient` that follows no redirect; raises `NetworkRefused` on use."""


class Setup(Protocol):
    """How a project is set, whether or not its server runs (`relance check`)."""

    #: The public address of the server, no slash at the end: « https://relance.exemple.ca ».
    public_url: str
    zone: ZoneInfo
    #: The country whose telephone numbers are written without their prefix: « CA ».
    region: str

    @property
    def files(self) -> ProjectFiles:
        """The published scripts, messages and catalogue: all at once those of the next publication.

        Asked again for each message. Empty until something is published.
        """

    def settings(self, plugin: str) -> Mapping[str, object]:
        """A section of the configuration by its name, a plugin's own as a rule; empty if not there."""


class Host(Setup, Protocol):
    """The server as its plugins see it."""

    clock: Clock
    network: Network

    async def record(self, incoming: Sequence[Incoming]) -> Sequence[Receipt]:
        """Store facts; they are durable when this returns."""

    async def note(self, incoming: Sequence[Incoming]) -> None:
        """Store facts that nobody may be kept waiting for: a link followed, a page seen.

        Within a second or so they are stored, or kept on disk until the base can be written again,
        then stored as of now; `StoreUnavailable` when neither could be done.
        """

    async def fields(self, lead_id: int) -> Mapping[str, Value] | None:
        """A lead's fields by name; None for no such lead."""

    async def variables(self, message: Message, names: Collection[str]) -> Mapping[str, object]:
        """What the variables of those names are for that message; others are not there.

        `names` are those its words hold: what nobody asks for is not read. Fields are not among
        them: they stand in the message.
        """

    async def entrance(self, message: Message) -> NewEvent | None:
        """The event that let the lead into the campaign; None when none did (a day, a list).

        Its time is told in the zone that applies (`zone_of`), as those of `history` are.
        """

    async def history(
        self, message: Message, types: Sequence[str], most: int
    ) -> Sequence[NewEvent]:
        """The lead's latest events of these types, `most` a type, the oldest first.

        As they were known when the message was decided, whatever came since: every attempt finds
        the same.
        """

    async def zone_of(self, message: Message) -> ZoneInfo:
        """The zone that applies to the lead there: its own, else its campaign's, else the server's."""

    async def suppressed(self, channel: str, address: str) -> bool:
        """Whether that address asked not to be written to."""

    async def attached(self, channel: str, lead_id: int) -> Mapping[str, str]:
        """The addresses attached to a lead on that channel, by name."""

    async def holder(self, channel: str, name: str) -> int | None:
        """The lead an address is attached to on that channel; None when it is to none."""

    async def holding(self, lead_id: int, address: str) -> Mapping[str, Value]:
        """The fields of a lead that hold that address or number now, however either is written."""

    async def preferences(self, lead_id: int, address: str) -> Preferences | None:
        """How a lead may be written to, and what it agreed to, for the holder of that address.

        Of the lead it was merged into, if it was; None for no lead, or one that was forgotten.
        """

    def purposes(self) -> Sequence[Purpose]:
        """What the forms of the project ask people to agree to, in words (`[consentement]`)."""

    async def challenge(self, challenge: Challenge, code: str) -> None:
        """Keep, as a hash and durable when this returns, a code about to be sent to an address.

        An address has one: a later code takes its place.
        """

    async def answer(self, address: str, code: str, client: str | None) -> Challenge | Miss:
        """What that code, typed back by that client, answers; each try counts, and they are few.

        The address is as it was typed: a number is read as dialled in the project's region. What
        the answer proves is the caller's to record, once (`Incoming.key`).
        """

    async def hold(self, purpose: str, group: str, text: str, until: datetime) -> None:
        """Keep a note, durable when this returns, and hand it to that purpose's holder then.

        It takes a second at most, as `note` does, whatever the base does.

        The notes of a group are handed over together, those not yet due included, when the first
        of them is due; then they are forgotten.
        """

    async def keep(self, texts: Sequence[str], lead_id: int | None = None) -> Sequence[int]:
        """Store texts (the URLs of tracked links), each once; their numbers, in order.

        `lead_id`: the lead they are about, with whom they are forgotten; None for what says the
        same to everybody.
        """

    async def kept(self, number: int) -> str | None:
        """The text stored under that number."""

    async def links(self) -> Sequence[Link]:
        """The tracked links of the project, those withdrawn included."""

    def sign(self, purpose: str, *parts: str | int) -> str:
        """An unguessable token (128-bit MAC) for public URLs; the parts can be read back."""

    def seal(self, purpose: str, *parts: str | int) -> str:
        """As `sign`, for parts that say who somebody is: nobody else can read the token."""

    def unsign(self, purpose: str, token: str) -> tuple[str, ...] | None:
        """The parts of a token made by `sign` or `seal` for that purpose; None for other texts."""
