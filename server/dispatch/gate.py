"""May this message leave now? The one place that answers, with a reason when it may not.

Each check is asked, of all that a turn claims together, about what those before it let through. A
message that was put off comes back to all of them: what has changed meanwhile counts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Channel
from server.dispatch.claim import Claim, Key
from server.dispatch.consent import Consent
from server.dispatch.limits import RecipientLimits
from server.dispatch.paces import Paces
from server.dispatch.policy.check import PolicyCheck
from server.dispatch.reachability import Reachability
from server.dispatch.sharing import SharedSending
from server.dispatch.stop import Check, Stop
from server.dispatch.terms import Terms
from server.store.fields import FieldColumn
from server.store.policies import AskedOfMessages


def to_leads(channel: Channel) -> bool:
    """Whether it writes to leads: to a field of theirs, or to what is attached to them."""
    return channel.address_field is not None or channel.limits.counted


class Gate:
    """What one channel's messages must pass. What is only asked after (`Claim.ask`) passes."""

    def __init__(self, channel: Channel, terms: Terms, sharing: SharedSending) -> None:
        consent = Consent(channel.name, terms.consent, terms.implied)
        of_leads: list[Check] = [consent, PolicyCheck(channel.name)]
        # The last one counts what it lets through: nothing may stop a message after it.
        self._checks: Sequence[Check] = (
            Reachability(channel.name),
            *(of_leads if to_leads(channel) else []),
            Paces(channel, sharing),
            RecipientLimits(channel, terms.recipients),
        )

    async def stops(
        self,
        conn: AsyncConnection,
        claims: Sequence[Claim],
        address: FieldColumn | None,
        now: datetime,
        asked: AskedOfMessages,
    ) -> Mapping[Key, Stop]:
        """Those that may not leave now; the others are counted against their recipients.

        `asked`: what there is to be asked about; the rest costs nothing.
        """
        found: dict[Key, Stop] = {}
        leaving = [claim for claim in claims if not claim.ask]
        for check in self._checks:
            if not leaving:
                break
            if not check.concerns(leaving, asked):
                continue
            found |= await check.stops(conn, leaving, address, now)
            leaving = [claim for claim in leaving if claim.key not in found]
        return found
