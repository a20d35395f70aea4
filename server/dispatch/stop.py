"""Why a message that is due does not leave now, and what may say so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from server.dispatch.claim import Claim, Key
from server.store.fields import FieldColumn
from server.store.policies import AskedOfMessages

#: The state of a message whose lead has no address that receives.
UNREACHABLE = "unreachable"
#: The state of a message that limits by recipient hold until the operator says.
LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class Stop:
    """The state a message goes to instead of leaving, and why, in French.

    `until`: it is only put off, and is asked about again then, whatever was found before. `common`:
    what stops it is likely to stop all that is due with it.
    """

    state: str
    reason: str
    until: datetime | None = None
    common: bool = False

    @property
    def settles(self) -> bool:
        """Whether it will never leave."""
        return self.until is None and self.state != LIMITED


def put_off(until: datetime, reason: str, *, common: bool = False) -> Stop:
    """It waits until then."""
    return Stop("pending", reason, until, common)


class Check(Protocol):
    """One of the questions of the gate (`server.dispatch.gate`)."""

    def concerns(self, claims: Sequence[Claim], asked: AskedOfMessages) -> bool:
        """Whether there is anything to ask of these: what is not asked costs nothing."""
        return True

    async def stops(
        self,
        conn: AsyncConnection,
        claims: Sequence[Claim],
        address: FieldColumn | None,
        now: datetime,
    ) -> Mapping[Key, Stop]:
        """Those of `claims` that may not leave now; the others pass.

        Asked of all that a turn takes together, in the transaction that takes them: a few
        questions to the store whatever their number. `address` is the field of the lead that the
        channel writes to, None when it writes to something else.
        """
