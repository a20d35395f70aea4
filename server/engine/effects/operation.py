"""What effects are made of: statements over the rows of one visit, and the events that tell them."""

from typing import Any

from sqlalchemy import Select, select

from relance.fold import key_of
from server.engine.batch import batch
from server.engine.event_insertion import EventInsertion, insert_events_from
from server.engine.listening import Happening
from server.engine.parameters import VISIT
from server.engine.tick import Prepared, Tick
from server.engine.version import Version


class Operation:
    """One compiled statement of an effect; `event` is what the events it inserts are like, if any.

    Their type alone, when their subjects differ."""

    def __init__(
        self, statement: Any, event: Happening | str | None = None, sends: bool = False
    ) -> None:
        self._statement = (
            statement if isinstance(statement, EventInsertion) else Prepared(statement)
        )
        self._event = event
        self._sends = sends

    async def run(self, tick: Tick, version: Version, visit: int, count: int) -> None:
        """Apply it to the `count` rows of that visit."""
        holes: dict[str, Any] = {"p_visit": visit}
        if self._event is not None:
            holes["p_first_id"] = tick.store.ids.reserve(count)
        if isinstance(self._statement, EventInsertion):
            heard = self._event is not None and _heard(tick, self._event)
            touched = await self._statement.run(tick, heard, whose=version, **holes)
        else:
            touched = await tick.run(self._statement, version, **holes)
        tick.sent = tick.sent or (self._sends and touched > 0)


def _heard(tick: Tick, event: Happening | str) -> bool:
    return event in tick.heard if isinstance(event, str) else tick.hears(event)


def passed(version: Version, *tests: Any) -> Select[Any]:
    """The rows of the visit."""
    return select(batch.c.lead_id).where(
        batch.c.version_id == version.id, batch.c.visit == VISIT, *tests
    )


def recorded(type_: str, subject: str | None, source: Select[Any]) -> Operation:
    """Record an event about each lead of `source` (a selection from the batch)."""
    event = Happening(type_, key_of(subject) if subject else None)
    return Operation(insert_events_from(source, batch.c.lead_id, type_, subject), event=event)
