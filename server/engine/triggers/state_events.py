"""That a state stands for a lead: told by the engine, to be answered by the entry that asks about it.

Whoever it stands for before it is asked, again at a resume, or still as it leaves: one shape of event,
about the leads at hand or about those a statement selects.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, literal

from server.engine.event_insertion import EventInsertion, insert_events_from
from server.engine.own_events import STATE_STANDS
from server.engine.tick import Tick
from server.store.arrivals import EventRow


def state_events(tick: Tick, held: Iterable[tuple[int, str]], why: str) -> list[EventRow]:
    """One about each lead, for the entry of that subject, numbered in this order."""
    those = list(held)
    first = tick.store.ids.reserve(len(those))
    return [
        EventRow(
            lead_id=lead,
            type=STATE_STANDS,
            id=first + place,
            occurred_at=tick.now,
            received_at=tick.now,
            subject=subject,
            subject_key=subject,
            context=why,
            context_key=why,
        )
        for place, (lead, subject) in enumerate(those)
    ]


def insert_state_events(
    rows: Select[Any], lead_id: ColumnElement[int], subject: str, why: str
) -> EventInsertion:
    """One about each lead that is selected, for the entry of that subject."""
    context = literal(why, Text)
    return insert_events_from(
        rows,
        lead_id,
        STATE_STANDS,
        subject,
        key=subject,
        context=context,
        context_key=context,
    )
