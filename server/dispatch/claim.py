"""A message this process has taken, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, and_, bindparam

from relance.channel import Message, Outcome
from relance.consent import Basis
from relance.nature import Nature
from server.dispatch.addressees import Addressee
from server.store.instants import DEFAULT_ZONE, Micros
from server.store.schema.messages import outbox

#: The primary key of a row of the outbox.
Key: TypeAlias = tuple[int, int, int, int, int]
KEY = (
    outbox.c.lead_id,
    outbox.c.campaign_id,
    outbox.c.entry,
    outbox.c.move,
    outbox.c.ordinal,
)
#: The row that `binds` finds.
SAME = and_(*(column == bindparam(f"k{at}") for at, column in enumerate(KEY)))
#: That row, while it is being sent by the attempt that `attempt` says: each time it is taken counts one.
TAKEN = and_(SAME, outbox.c.state == "sending", outbox.c.attempts == bindparam("taken"))


@dataclass(frozen=True, slots=True)
class Claim:
    """A message this process has taken: to be sent, or, when `ask`, to be asked after.

    `addressee`: the lead it is about; None when there is none any more. `exempt`: the operator let
    it past the limits by recipient. `nature`: what its text says it is. `created_at`: when it was
    decided; `zone`: where its day and its hour are told; `holds`: when it was put off until now.
    `consent`: on what basis its campaign lets it leave; None: as the project is set.
    """

    key: Key
    message: Message
    doubted: bool
    ask: bool
    addressee: Addressee | None = None
    exempt: bool = False
    nature: Nature = Nature.MARKETING
    created_at: Micros = 0
    zone: ZoneInfo = DEFAULT_ZONE
    holds: str | None = None
    consent: Basis | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """A claim and what became of it. `asked` outcomes come from the provider's own books."""

    claim: Claim
    outcome: Outcome
    at: datetime
    asked: bool = False


def row_key(row: RowMapping) -> Key:
    """The key of a row that holds its columns."""
    lead, campaign, entry, move, ordinal = (row[column.name] for column in KEY)
    return lead, campaign, entry, move, ordinal


def binds(key: Key) -> dict[str, Any]:
    """The parameters that find a row of the outbox."""
    return {f"k{at}": part for at, part in enumerate(key)}


def attempt(key: Key, number: int) -> dict[str, Any]:
    """The parameters that find a row while it is being sent by that attempt (`TAKEN`)."""
    return {**binds(key), "taken": number}


def message_key(key: Key, created_at: int) -> str:
    """The provider's idempotency key: the row's own, told apart from another database's."""
    return ".".join(str(part) for part in (*key, created_at))


def assigned(*names: str) -> dict[str, Any]:
    """The columns of those names, each set to the parameter `v_` and its name."""
    return {name: bindparam(f"v_{name}", type_=outbox.c[name].type) for name in names}
