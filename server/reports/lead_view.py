"""A lead, as the panels that extensions add to its page may know it (`relance.house.KnownLead`)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from relance.events import NewEvent
from relance.values import Value
from server.reports.performance.house_view import Reads
from server.store.amounts import amount_of
from server.store.instants import from_micros
from server.store.schema.events import events

_MOST = 200


@dataclass(frozen=True, slots=True)
class ReadLead:
    """Reads it; `fields`: those that hold something."""

    reads: Reads
    id: int
    called: str
    fields: Mapping[str, Value]
    now: datetime
    zone: ZoneInfo

    async def events(self, types: Sequence[str], most: int = 20) -> Sequence[NewEvent]:
        """Its latest events of these types, the latest first, `most` of each."""
        rows: list[Any] = []
        async with self.reads() as conn:
            for type_ in types:
                mine = (events.c.lead_id == self.id, events.c.type == type_)
                query = select(events).where(*mine).order_by(events.c.id.desc())
                rows += await conn.execute(query.limit(max(1, min(most, _MOST))))
        rows.sort(key=lambda row: (row.occurred_at, row.id), reverse=True)
        return [_event_of(row) for row in rows]


def _event_of(row: Any) -> NewEvent:
    return NewEvent(
        row.type,
        row.subject,
        address=row.address,
        context=row.context,
        properties=json.loads(row.properties) if row.properties else {},
        occurred_at=from_micros(row.occurred_at),
        amount=amount_of(row.amount, row.currency),
    )
