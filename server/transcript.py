"""An event as JSON, and back: what has to wait in a file of its own until the base can take it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from relance.codec import contract
from relance.events import NewEvent


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


def instant_read(told: str | None) -> datetime | None:
    """The instant told in ISO 8601."""
    return None if told is None else datetime.fromisoformat(told)
