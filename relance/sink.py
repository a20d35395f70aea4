"""Sinks: other programs that are handed what happens to leads, event by event, as it happens.

The engine owns what a provider's down-time asks of a sender: each event is noted for each sink in
the very transaction that handles it, tried again by the schedule of Standard Webhooks, and logged. A
sink hands one over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from relance.channel import Refused, Retry, Sent
from relance.events import EventPattern
from relance.values import Amount, Value


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one sink.

    `key` is the same at every attempt, and unguessable: hand it over as the idempotency key.
    `attempt` counts from 1. `fields` is all that is known of the lead now, proven or not; None when
    the lead is no more.
    """

    key: str
    attempt: int
    at: datetime
    type: str
    lead_id: int
    occurred_at: datetime
    received_at: datetime
    subject: str | None = None
    address: str | None = None
    context: str | None = None
    properties: Mapping[str, object] = field(default_factory=dict)
    amount: Amount | None = None
    fields: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class SinkGone:
    """The receiver wants no more of any (HTTP 410): the sink is stopped until the operator says."""

    reason: str


Handed: TypeAlias = Sent | Retry | Refused | SinkGone


class Sink(Protocol):
    """A way out for events. An exception counts as `Retry` and is logged as a bug."""

    #: What tells it from others for ever: what is noted for it is noted under this name.
    name: str
    #: Which events it wants, their types by their code or their label; « * »: every type of event that
    #: it does not name, but for those the engine tells itself.
    wants: Sequence[EventPattern]
    #: Deliveries under way at once.
    concurrency: int
    #: Seconds one may take.
    timeout: float

    async def deliver(self, delivery: Delivery) -> Handed:
        """Hand one event over."""

    async def close(self) -> None:
        """Let go of connections; called once when the server stops."""
