"""Whether there is an address to write to, its owner's, that did not ask for peace."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.dispatch.claim import Claim, Key
from server.dispatch.stop import UNREACHABLE, Check, Stop
from server.store.contacts import address_key
from server.store.fields import FieldColumn
from server.store.schema.messages import suppressions

#: Said of an address we are not to write to any more, before the reason.
SUPPRESSED = "on n’écrit plus à cette adresse"
UNPROVEN = (
    "ce numéro n’est que déclaré, et ce lead est connu d’une source plus sûre : "
    "qu’il y réponde, ou que l’équipe le confirme"
)
NO_ADDRESS = "le lead n’a pas d’adresse pour ce canal"


class Reachability(Check):
    """Of one channel, where it writes to a field of the lead."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    async def stops(
        self,
        conn: AsyncConnection,
        claims: Sequence[Claim],
        address: FieldColumn | None,
        now: datetime,
    ) -> Mapping[Key, Stop]:
        """Those without an address, or with one not to be written to."""
        if address is None:
            return {}
        stops = await self._barred(conn, claims)
        return stops | {
            claim.key: Stop("refused", UNPROVEN)
            for claim in claims
            if claim.message.recipient is None
            and claim.addressee is not None
            and claim.addressee.stranger(address.column.name)
        }

    async def _barred(self, conn: AsyncConnection, claims: Sequence[Claim]) -> dict[Key, Stop]:
        keys = {address_key(claim.message.address) for claim in claims}
        query = select(suppressions.c.address_key, suppressions.c.reason).where(
            suppressions.c.channel == self._channel,
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
