"""A scenario that says « Désabonné du courriel (X) » means it: nothing is written there any more."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Channel
from relance.events import NewEvent
from server.store.contacts import address_key
from server.store.fields import FieldCatalogue
from server.store.instants import to_micros
from server.store.schema.messages import suppressions

#: What ends a channel's right to write, after its name.
_ENDS = ("_unsubscribed", "_complained")


async def apply(
    conn: AsyncConnection,
    fields: FieldCatalogue,
    channels: Iterable[Channel],
    lead_id: int,
    event: NewEvent,
    at: datetime,
) -> None:
    """Close the lead's address to the channel, if that is what the event tells."""
    for channel in channels:
        ended = event.type in {f"{channel.name}{end}" for end in _ENDS}
        field = fields.get(channel.address_field) if ended and channel.address_field else None
        if field is None:
            continue
        address = await conn.scalar(select(field.column).where(fields.table.c.id == lead_id))
        if not address:
            continue
        place = {"channel": channel.name, "address_key": address_key(str(address))}
        tests = (suppressions.c[name] == value for name, value in place.items())
        known = select(suppressions.c.at).where(*tests)
        if await conn.scalar(known) is None:
            row = {**place, "reason": event.type, "at": to_micros(at)}
            await conn.execute(insert(suppressions).values(**row))
