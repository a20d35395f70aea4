"""What effects are made of: statements over the rows of one visit, and the events that tell them."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Select, Text, bindparam, cast, func, literal, select

from dsl.fold import key_of
from server.engine.batch import batch, insert_from
from server.engine.listening import Happening
from server.engine.moment import FIRST, NOW, VISIT
from server.engine.publication.version import Version
from server.engine.tick import Prepared, Tick
from server.store.schema.events import events

#: Whether somebody listens to the type of the events an operation inserts.
HEARD = bindparam("p_heard", type_=Boolean)


class Operation:
    """One compiled statement of an effect; `event` is what the events it inserts are like, if any.

    Their type alone, when their subjects differ."""

    def __init__(
        self, statement: Any, event: Happening | str | None = None, sends: bool = False
    ) -> None:
        self._prepared = Prepared(statement)
        self._event = event
        self._sends = sends

    async def run(self, tick: Tick, version: Version, visit: int, count: int) -> None:
        """Apply it to the `count` rows of that visit."""
        holes: dict[str, Any] = {"p_visit": visit}
        if self._event is not None:
            holes["p_first_id"] = tick.store.ids.reserve(count)
            told = self._event
            holes["p_heard"] = told in tick.heard if isinstance(told, str) else tick.hears(told)
        touched = await tick.run(self._prepared, version, **holes)
        tick.sent = tick.sent or (self._sends and touched > 0)


def passed(version: Version, *tests: Any) -> Select[Any]:
    """The rows of the visit."""
    return select(batch.c.lead_id).where(
        batch.c.version_id == version.id, batch.c.visit == VISIT, *tests
    )


def recorded(type_: str, subject: str | None, source: Select[Any]) -> Operation:
    """Record an event about each lead of `source` (a selection from the batch)."""
    number = func.row_number().over(order_by=batch.c.lead_id)
    values = {
        "lead_id": batch.c.lead_id,
        "type": literal(type_, Text),
        "id": cast(FIRST + number - 1, BigInteger),
        "subject": literal(subject, Text),
        "subject_key": literal(key_of(subject) if subject else None, Text),
        "occurred_at": NOW,
        "received_at": NOW,
        "pending": HEARD,
    }
    told = Happening(type_, key_of(subject) if subject else None)
    return Operation(insert_from(events, values, source), event=told)
