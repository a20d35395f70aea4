"""What keeps a message that is due from leaving: asked of all that a turn claims, together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Channel
from server.dispatch import limits
from server.dispatch.allowance import Allowance
from server.dispatch.claim import Claim, Key
from server.dispatch.limits import CountedMessage
from server.store import attached
from server.store.contacts import address_key
from server.store.fields import FieldColumn
from server.store.schema.messages import suppressions

#: Said of an address we are not to write to any more, before the reason.
SUPPRESSED = "on n’écrit plus à cette adresse"
#: The state of a message whose lead has no address that receives.
UNREACHABLE = "unreachable"
#: The state of a message that limits by recipient hold.
LIMITED = "limited"
UNPROVEN = (
    "ce numéro n’est que déclaré, et ce lead est connu d’une source plus sûre : "
    "qu’il y réponde, ou que l’équipe le confirme"
)
NO_ADDRESS = "le lead n’a pas d’adresse pour ce canal"


@dataclass(frozen=True, slots=True)
class Stop:
    """The state a message goes to instead of leaving, and why."""

    state: str
    reason: str


class Gate:
    """What one channel's messages must pass. What is only asked after (`Claim.ask`) passes."""

    def __init__(self, channel: Channel, allowance: Allowance) -> None:
        self._channel = channel
        self._allowance = allowance

    async def stops(
        self,
        conn: AsyncConnection,
        claims: Sequence[Claim],
        address: FieldColumn | None,
        now: datetime,
    ) -> Mapping[Key, Stop]:
        """Those that may not leave now; the others are counted against their recipients."""
        leaving = [claim for claim in claims if not claim.ask]
        if address is None:
            counted = self._channel.limits.counted
            return await self._limited(conn, leaving, None, now) if counted else {}
        stops = await self._barred(conn, leaving)
        stops |= {
            claim.key: Stop("refused", UNPROVEN)
            for claim in leaving
            if claim.message.recipient is None
            and claim.addressee is not None
            and claim.addressee.stranger(address.column.name)
        }
        rest = [claim for claim in leaving if claim.key not in stops]
        return stops | await self._limited(conn, rest, address, now)

    async def _barred(self, conn: AsyncConnection, claims: Sequence[Claim]) -> dict[Key, Stop]:
        """Those without an address, or with one not to be written to."""
        keys = {address_key(claim.message.address) for claim in claims}
        query = select(suppressions.c.address_key, suppressions.c.reason).where(
            suppressions.c.channel == self._channel.name,
            suppressions.c.address_key.in_(sorted(keys)),
        )
        barred = {row.address_key: row.reason for row in await conn.execute(query)}
        stops: dict[Key, Stop] = {}
        for claim in claims:
            address = claim.message.address
            if not address:
                stops[claim.key] = Stop(UNREACHABLE, NO_ADDRESS)
            elif (why := barred.get(address_key(address))) is not None:
                stops[claim.key] = Stop("suppressed", f"{SUPPRESSED} ({why})")
        return stops

    async def _limited(
        self,
        conn: AsyncConnection,
        claims: Sequence[Claim],
        address: FieldColumn | None,
        now: datetime,
    ) -> dict[Key, Stop]:
        """Those whose recipients had their share; what is tried again was counted at first."""
        counted = [
            claim
            for claim in claims
            if claim.addressee is not None
            and claim.message.recipient is None
            and claim.message.attempt == 1
        ]
        leads = {claim.message.lead_id for claim in counted} if address is None else ()
        held = await attached.of_leads(conn, self._channel.name, leads)
        asked = [self._asked(claim, address, held) for claim in counted]
        holding = await limits.within(conn, self._allowance, asked, now)
        return {
            claim.key: Stop(LIMITED, limits.REASONS[scope])
            for claim, scope in zip(counted, holding, strict=True)
            if scope is not None
        }

    def _asked(
        self, claim: Claim, address: FieldColumn | None, held: Mapping[int, Sequence[str]]
    ) -> CountedMessage:
        """What a message counts against: its address, or the lead and all that is attached to it."""
        addressee, lead = claim.addressee, claim.message.lead_id
        assert addressee is not None  # noqa: S101 — only those that have one are counted
        return CountedMessage(
            self._channel.name,
            claim.message.address,
            str(claim.key[1]),
            addressee.email if address is None else addressee.proof(address.column.name),
            addressee.created_at,
            claim.exempt,
            (f"lead {lead}", *held.get(lead, ())) if address is None else (),
        )
