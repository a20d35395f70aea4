"""The events an import tells of: what it changed on leads, whom it put on lists, what it tagged."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from relance.consent import GIVEN
from relance.events import LEAD_UPDATED, LIST_ADDED, TAG_ADDED
from relance.fold import key_of
from server.imports.consenting import ImportedConsent
from server.store.arrivals import EventRow
from server.store.ids import EventIds
from server.store.instants import Micros

#: A lead and what it is put on, or given: the name as written.
Named = tuple[int, str]


def upsert_events(
    ids: EventIds,
    now: Micros,
    changed: Mapping[int, Collection[str]],
    joined: Sequence[Named],
    tagged: Sequence[Named],
    became: Sequence[tuple[int, str]] = (),
) -> list[EventRow]:
    """Their rows, in that order; the fields that changed on a lead, by key, are one event.

    `became`: what happened to leads as such (created, merged), told last as the intake does.
    """
    rows: list[tuple[int, str, str | None, str | None]] = []
    for lead, fields in changed.items():
        rows.append((lead, LEAD_UPDATED, None, _fields(tuple(fields))))
    rows += [(lead, LIST_ADDED, name, None) for lead, name in joined]
    rows += [(lead, TAG_ADDED, name, None) for lead, name in tagged]
    rows += [(lead, type_, None, None) for lead, type_ in became]
    first = ids.reserve(len(rows)) if rows else 0
    return [
        _row(first + place, now, lead, type_, subject, properties)
        for place, (lead, type_, subject, properties) in enumerate(rows)
    ]


def consent_events(
    ids: EventIds, now: Micros, said: ImportedConsent, leads: Mapping[int, Micros | None]
) -> list[EventRow]:
    """That each of those leads consented, when the file was right; None: now."""
    first = ids.reserve(len(leads)) if leads else 0
    properties = json.dumps(said.properties, ensure_ascii=False)
    rows = [
        _row(first + place, now, lead, GIVEN, said.basis.label, properties)
        for place, lead in enumerate(leads)
    ]
    return [
        row if at is None else row._replace(occurred_at=min(at, now))
        for row, at in zip(rows, leads.values(), strict=True)
    ]


def _row(
    number: int, now: Micros, lead: int, type_: str, subject: str | None, properties: str | None
) -> EventRow:
    return EventRow(
        lead_id=lead,
        type=type_,
        id=number,
        occurred_at=now,
        received_at=now,
        subject=subject,
        subject_key=None if subject is None else key_of(subject),
        properties=properties,
    )


@lru_cache(maxsize=1_024)
def _fields(fields: tuple[str, ...]) -> str:
    return json.dumps({"champs": fields, "par": "importation"}, ensure_ascii=False)
