"""The ledger of consents, as the events keep it (`relance.consent`)."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.consent import GIVEN, WITHDRAWN
from relance.events import NewEvent
from server.store.instants import Micros, from_micros
from server.store.schema.events import events


class StoredConsent(NamedTuple):
    """A consent given, or taken back, and when the server learnt of it."""

    event: NewEvent
    received_at: Micros


async def ledgers(
    conn: AsyncConnection, leads: Collection[int]
) -> Mapping[int, Sequence[StoredConsent]]:
    """Those of each lead that has any, the oldest first: one question, on the key of events."""
    query = (
        select(events)
        .where(events.c.lead_id.in_(sorted(leads)), events.c.type.in_([GIVEN, WITHDRAWN]))
        .order_by(events.c.lead_id, events.c.occurred_at, events.c.id)
    )
    found: dict[int, list[StoredConsent]] = {}
    for row in await conn.execute(query):
        event = NewEvent(
            row.type,
            row.subject,
            context=row.context,
            properties=json.loads(row.properties) if row.properties else {},
            occurred_at=from_micros(row.occurred_at),
        )
        found.setdefault(row.lead_id, []).append(StoredConsent(event, row.received_at))
    return found
