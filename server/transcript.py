"""Events, and what they change of who is written to, as JSON and back: what has to wait in a file of its own until the base can take it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from relance.codec import contract
from relance.events import NewEvent
from relance.reach import Attach, Detach, Reach, Suppress, Welcome

_REACH = {one.__name__: one for one in (Suppress, Welcome, Attach, Detach)}
#: What a file that an earlier release left behind calls otherwise.
_RENAMED = {"told": "event_type"}


def event_to_json(event: NewEvent) -> Mapping[str, Any]:
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


def event_from_json(stored: Mapping[str, Any]) -> NewEvent:
    """The event written so; KeyError, TypeError or ValueError when it was not."""
    occurred_at, amount = (
        instant_from_json(stored["occurred_at"]),
        contract.decode(stored["amount"]),
    )
    return NewEvent(**{**stored, "occurred_at": occurred_at, "amount": amount})


def reach_to_json(reach: Reach) -> Mapping[str, Any]:
    """What JSON holds of it: all."""
    return {"what": type(reach).__name__, **asdict(reach)}


def reach_from_json(stored: Mapping[str, Any]) -> Reach:
    """The change written so; KeyError or TypeError when it was not."""
    given = {_RENAMED.get(name, name): value for name, value in stored.items()}
    known: type[Reach] = _REACH[given.pop("what")]
    return known(**given)


def instant_from_json(stored: str | None) -> datetime | None:
    """The instant written in ISO 8601."""
    return None if stored is None else datetime.fromisoformat(stored)
