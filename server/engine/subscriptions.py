"""What other programs are told of: each event noted for each sink that wants it, as it is handled.

Noted in the transaction that handles the event, once: sinks miss nothing and are told nothing twice
for a crash. How it is handed over is the business of `server.deliveries`.
"""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, case, literal, null, or_, select
from sqlalchemy.sql.dml import Insert

from relance.events import EventPattern
from server.engine.batch import arrivals, handled, insert_new
from server.engine.conditions.patterns import matches
from server.engine.listening import Happening, Listening
from server.engine.owner import Key
from server.engine.parameters import NOW
from server.engine.tick import Prepared, Tick
from server.store.schema.events import events
from server.store.schema.messages import deliveries, stopped_sinks

#: The columns of an event that are noted as they are.
_KEPT = (
    *("id", "lead_id", "type", "subject", "address", "context", "properties", "amount", "currency"),
    *("occurred_at", "received_at"),
)


@dataclass(frozen=True, slots=True)
class SinkSubscription:
    """What a sink wants."""

    sink: str
    wants: Sequence[EventPattern]


class SinkSubscriptions:
    """An owner of rules like the others; `noted` is called after a commit that noted something."""

    def __init__(
        self, subscriptions: Sequence[SinkSubscription], dialect: str, noted: Callable[[], None]
    ) -> None:
        self._noted = noted
        self._listening: Listening[str] = Listening()
        self._note: dict[str, Prepared] = {}
        for one in subscriptions:
            self._listening.add_all(one.wants, one.sink)
            self._note[one.sink] = Prepared(_noting(one, dialect))

    @property
    def heard(self) -> Set[str]:
        """The types of the events some sink wants."""
        return self._listening.types

    def owns(self, key: Key) -> bool:
        """Nothing here waits for the clock."""
        return False

    def hears(self, event: Happening) -> bool:
        """Whether some sink may want it."""
        return any(True for _ in self._listening.of(event))

    async def follow(self, tick: Tick, happenings: Iterable[Happening]) -> None:
        """Note the events handled now."""
        wanted = {sink for event in happenings for sink in self._listening.of(event)}
        noted = [await tick.do(self._note[sink]) for sink in sorted(wanted)]
        if any(noted):
            tick.after_commit.append(self._noted)

    async def turn(self, tick: Tick, due: Iterable[Key]) -> None:
        """Nothing here waits for the clock."""


def _noting(one: SinkSubscription, dialect: str) -> Insert:
    """For a sink that is stopped, what it would have been told is kept too, to be told on demand."""
    source, stop = events.alias("source"), stopped_sinks.alias("stop")
    event = (
        (source.c.lead_id == arrivals.c.lead_id)
        & (source.c.type == arrivals.c.type)
        & (source.c.id == arrivals.c.id)
    )
    beside = arrivals.join(source, event).outerjoin(stop, stop.c.sink == one.sink)
    wanted = or_(*(matches(pattern, arrivals, dialect) for pattern in one.wants))
    rows = select(source.c.id).select_from(beside).where(handled, wanted)
    stopped = stop.c.sink.is_not(None)
    values: dict[str, Any] = {name: source.c[name] for name in _KEPT}
    values |= {
        "sink": literal(one.sink, Text),
        "state": case((stopped, "cancelled"), else_="pending"),
        "due_at": case((stopped, null()), else_=source.c.received_at),
        "settled_at": case((stopped, NOW), else_=null()),
        "reason": stop.c.reason,
    }
    return insert_new(dialect, deliveries, values, rows)
