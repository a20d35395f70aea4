"""The events an import tells of: what it changed on leads, whom it put on lists, what it tagged.

A file says the same of thousands: events alike are written together.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.consent import GIVEN
from relance.events import LEAD_UPDATED, LIST_ADDED, TAG_ADDED
from relance.fold import key_of
from server.imports.consenting import ImportedConsent
from server.store import arrivals
from server.store.arrivals import EventRow
from server.store.ids import EventIds
from server.store.instants import Micros

#: Leads, by what they are put on or given: the name as written.
Named = Mapping[str, Sequence[int]]


class EventsAlike(NamedTuple):
    """The same event of several leads. `at`: when it happened; None: now."""

    leads: Sequence[int]
    type: str
    subject: str | None = None
    properties: str | None = None
    at: Micros | None = None


def upsert_events(
    changed: Mapping[tuple[str, ...], Sequence[int]], joined: Named, tagged: Named
) -> Iterator[EventsAlike]:
    """What was done to leads; `changed`: by the keys of the fields that did on them."""
    for fields, leads in changed.items():
        said = json.dumps({"champs": fields, "par": "importation"}, ensure_ascii=False)
        yield EventsAlike(leads, LEAD_UPDATED, properties=said)
    for name, leads in joined.items():
        yield EventsAlike(leads, LIST_ADDED, name)
    for name, leads in tagged.items():
        yield EventsAlike(leads, TAG_ADDED, name)


def consent_events(
    said: ImportedConsent, leads: Mapping[int, Micros | None]
) -> Iterator[EventsAlike]:
    """That each of those leads consented, when the file was right; None: now."""
    properties = json.dumps(said.properties, ensure_ascii=False)
    by_instant: dict[Micros | None, list[int]] = {}
    for lead, at in leads.items():
        by_instant.setdefault(at, []).append(lead)
    for at, alike in by_instant.items():
        yield EventsAlike(alike, GIVEN, said.basis.label, properties, at)


async def record(
    conn: AsyncConnection,
    ids: EventIds,
    now: Micros,
    events: Iterable[EventsAlike],
    *,
    pending: bool,
) -> None:
    """Write them, numbered in that order. `pending`: for the engine to handle."""
    for one in events:
        if not one.leads:
            continue
        row = EventRow(
            lead_id=0,
            type=one.type,
            id=ids.reserve(len(one.leads)),
            occurred_at=now if one.at is None else min(one.at, now),
            received_at=now,
            subject=one.subject,
            subject_key=None if one.subject is None else key_of(one.subject),
            properties=one.properties,
        )
        await arrivals.insert_alike(conn, row, one.leads, pending=pending)
