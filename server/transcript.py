"""Events, and what they change of who is written to, as JSON and back: what has to wait in a file of its own until the base can take it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from relance.codec import contract
from relance.events import NewEvent
from relance.reach import Attach, Detach, Reach, Suppress, Welcome

_REACH = {one.__name__: one for one in (Suppress, Welcome, Attach, Detach)}


def event_told(event: NewEvent) -> Mapping[str, Any]:
    """What JSON holds of it: all."""
    return {
        "type": event.type,
        "subject": event.subject,
        "address": event.address,
        "context": event.context,
        "properties": dict(event.properties),
        "occurred_at": event.occurred_at and event.occurred_at.isoformat(),
        "key": event.key,
        "amount": contract.encode(event.amount),
    }


def event_read(told: Mapping[str, Any]) -> NewEvent:
    """The event told so; KeyError, TypeError or ValueError when it was not."""
    moment, amount = instant_read(told["occurred_at"]), contract.decode(told["amount"])
    return NewEvent(**{**told, "occurred_at": moment, "amount": amount})


def reach_told(reach: Reach) -> Mapping[str, Any]:
    """What JSON holds of it: all."""
    return {"what": type(reach).__name__, **asdict(reach)}


def reach_read(told: Mapping[str, Any]) -> Reach:
    """The change told so; KeyError or TypeError when it was not."""
    given = dict(told)
    known: type[Reach] = _REACH[given.pop("what")]
    return known(**given)


def instant_read(told: str | None) -> datetime | None:
    """The instant told in ISO 8601."""
    return None if told is None else datetime.fromisoformat(told)
