"""A fact, once it is known whom it is about: as of when it is so, what of it is kept aside, and
what it is known by.
"""

from collections.abc import Iterable, Iterator

from relance.events import NewEvent
from relance.host import Incoming
from server.intake.identities import PHONE, Identity, LeadPlace
from server.intake.incoming import Arrival
from server.intake.knowledge import REACHED, FactFields, Unproven
from server.store.declarations import Declaration, Promise
from server.store.forgotten import ADDRESSES
from server.store.instants import Micros, to_micros

#: A source, and the name it gives what it tells.
Key = tuple[str, str]
#: How far ahead of ours the clock of a source may be.
_MOST_SKEW: Micros = 86_400 * 1_000_000


def fields_of(item: Arrival, place: LeadPlace, now: Micros) -> FactFields:
    """What a fact says of fields."""
    incoming = item.incoming
    return FactFields(
        place,
        item.fields,
        as_of(incoming, now),
        still=incoming.as_of is not None,
        source=incoming.source,
        visitor=incoming.identities.visitor or "",
    )


def as_of(incoming: Incoming, now: Micros) -> Micros:
    """As of when the fields of a fact are so; the clock of a source may run ahead of ours."""
    if incoming.as_of is not None:
        return min(to_micros(incoming.as_of), now + _MOST_SKEW)
    instants = [event.occurred_at for event in incoming.events if event.occurred_at is not None]
    if not instants or len(instants) < len(incoming.events):
        return now
    return min(to_micros(max(instants)), now)


def happened(incoming: Incoming, now: Micros) -> Micros:
    """When what a fact tells happened, the first of it."""
    instants = [event.occurred_at for event in incoming.events if event.occurred_at is not None]
    return min(map(to_micros, instants), default=now)


def addresses(item: Arrival) -> Iterator[Identity]:
    """Every address a fact says is the lead's."""
    yield from item.identities
    for column, kind in ADDRESSES.items():
        if isinstance(value := item.fields.get(column), str):
            yield kind, value


def phones(promises: Iterable[Promise]) -> tuple[Identity, ...]:
    """The numbers among what was said."""
    return tuple((PHONE, str(one.value)) for one in promises if one.field in REACHED)


def declared(lead: int, one: Unproven) -> Declaration:
    """What is kept aside of a fact, as it is kept."""
    fact = one.fact
    return Declaration(
        lead, one.field, one.value, fact.place.proof, fact.source, fact.visitor, fact.at
    )


def key(item: Arrival) -> Key | None:
    """What a fact is known by, so that it is stored once."""
    known = item.incoming.key
    return None if known is None else (item.incoming.source, known)


def event_key(event: NewEvent) -> Key | None:
    """What an event is known by, whatever fact tells it."""
    return None if event.key is None else (f"event:{event.type}", event.key)


def keys(item: Arrival) -> list[Key]:
    """All that a fact and its events are known by."""
    found = [key(item), *(event_key(event) for event in item.incoming.events)]
    return [one for one in found if one is not None]
