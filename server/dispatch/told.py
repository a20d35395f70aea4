"""The events that outcomes tell about leads, stored with the outcomes themselves."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.fold import key_of
from relance.channel import Message
from relance.events import NewEvent
from server.store.amounts import stored_amount
from server.store.instants import to_micros
from server.store.leads import standing
from server.store.schema.events import events
from server.store.store import Store


async def record(
    conn: AsyncConnection, store: Store, told: Sequence[tuple[Message, NewEvent, datetime]]
) -> None:
    """Store the events that outcomes tell about their leads, for the engine to match."""
    if not told:
        return
    # A lead may have been merged into another while it was written to.
    present = await standing(conn, {message.lead_id for message, _, _ in told})
    first = store.ids.reserve(len(told))
    rows = [
        {
            "lead_id": present.get(message.lead_id, message.lead_id),
            "type": event.type,
            "id": first + at,
            "subject": event.subject,
            "subject_key": None if event.subject is None else key_of(event.subject),
            "address": event.address,
            "context": event.context,
            "context_key": None if event.context is None else key_of(event.context),
            "occurred_at": to_micros(min(event.occurred_at or when, when)),
            "received_at": to_micros(when),
            "properties": json.dumps(dict(event.properties), ensure_ascii=False, default=str)
            if event.properties
            else None,
            **stored_amount(event.amount, store.fields.currency),
            "pending": True,
        }
        for at, (message, event, when) in enumerate(told)
    ]
    await conn.execute(events.insert(), rows)
