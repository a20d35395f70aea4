"""How somebody may be written to, as things stand: by which addresses, and on what they agreed."""

from collections.abc import Sequence
from dataclasses import dataclass

from relance.channel_type import ChannelType
from relance.events import NewEvent
from relance.proof import Proof


@dataclass(frozen=True, slots=True)
class ChannelAddress:
    """Where a lead is written to on a channel that one may leave (`ChannelType.left`).

    `address` is what its field holds, and `proof` how sure it is to be the lead's; None for a
    channel whose addresses are attached, which `names` tells apart. `own`: it is that of whoever
    asks. `suppressed`: it is left alone.
    """

    type: ChannelType
    address: str | None = None
    names: tuple[str, ...] = ()
    proof: Proof = Proof.STATED
    own: bool = False
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Preferences:
    """Of a lead, to the holder of one address: its number now, whatever it was merged into.

    `held`: that address is one of the lead's still, even one it is not written to any more.
    `consents` are the events of the ledger (`relance.consent`), given and withdrawn, the oldest
    first.
    """

    lead_id: int
    held: bool
    addresses: Sequence[ChannelAddress]
    consents: Sequence[NewEvent]
