"""What whoever acts on a message proves: the address it went to is theirs, if it is still the lead's.

Written once for all that a message may hold: a link that is followed, a confirmation, a code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.proof import Proof
from relance.values import Value


@dataclass(frozen=True, slots=True)
class HeldAddress:
    """An address of a lead that somebody holds; `sent`: when what shows it left for there.

    `fields` are those of the lead where it stands, as it stands there.
    """

    lead_id: int
    sent: datetime
    email: str | None = None
    phone: str | None = None
    fields: Mapping[str, Value] | None = None


def proven(
    source: str,
    held: HeldAddress,
    events: Sequence[NewEvent],
    visitor: str | None,
    key: str | None = None,
) -> Incoming:
    """The fact that the address is theirs, and in which browser it was shown."""
    return Incoming(
        source,
        Identities(held.lead_id, held.email, held.phone, visitor),
        held.fields or {},
        events,
        key=key,
        # What was stated since the message left is not what it proves.
        as_of=held.sent + timedelta(seconds=1),
        proof=Proof.CONFIRMED,
    )
