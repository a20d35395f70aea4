"""What a tick does where several processes share the leads: it keeps to its own, in one order of ids.

Processes number events by clocks of their own, so that one may come numbered lower than what was
decided already: it would be behind a wait that began before it came. Such an event is numbered anew
as it is handled, and with it what else of its lead is handled now. Nothing refers to an event before
that, but a wait that a tick under way saw end by it.
"""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, bindparam, exists, func, select, update

from server.engine.batch import arrivals, batch, grown
from server.engine.parameters import FIRST, TICK_FLOOR
from server.engine.tick import Prepared, Tick
from server.store import shards
from server.store.schema.campaigns import enrolments
from server.store.schema.events import events, inbox

_SHARDS = bindparam("p_shards", type_=Integer, expanding=True)
_LAST = bindparam("p_last_id", type_=BigInteger)
_REACHED = Prepared(
    select(
        select(func.max(batch.c.since_event)).scalar_subquery(),
        select(func.max(grown.c.upto)).scalar_subquery(),
    )
)


def shared_tests(lead_id: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    """Whether a tick has that lead to itself."""
    return ((lead_id % shards.COUNT).in_(_SHARDS),)


def event_tests() -> tuple[ColumnElement[bool], ...]:
    """Whether a tick may handle an event: of its leads, and numbered before it began."""
    return (*shared_tests(inbox.c.lead_id), inbox.c.id < TICK_FLOOR)


class Renumbering:
    """Gives new numbers to what came numbered too low."""

    def __init__(self) -> None:
        self._find = Prepared(select(func.count()).select_from(arrivals).where(*_concerned()))
        rank = func.row_number().over(order_by=[arrivals.c.id, arrivals.c.lead_id])
        place = (arrivals.c.lead_id, arrivals.c.type, arrivals.c.id)
        row = select(*place, (FIRST + rank - 1).label("given")).where(*_concerned()).subquery()
        same = (
            arrivals.c.lead_id == row.c.lead_id,
            arrivals.c.type == row.c.type,
            arrivals.c.id == row.c.id,
        )
        given: dict[str, Any] = {"former_id": arrivals.c.id, "id": row.c.given}
        self._give = Prepared(update(arrivals).where(*same).values(given))
        self._write = [
            Prepared(
                update(table)
                .where(
                    table.c.lead_id == arrivals.c.lead_id,
                    table.c.type == arrivals.c.type,
                    table.c.id == arrivals.c.former_id,
                )
                .values(id=arrivals.c.id)
            )
            for table in (events, inbox)
        ]

    async def run(self, tick: Tick) -> None:
        """Of the events handled now, those that are not beyond what was decided of their leads."""
        ((count,),) = await tick.ask(self._find, p_last_id=tick.last_id)
        if count:
            ids = tick.store.ids
            await tick.do(self._give, p_last_id=tick.last_id, p_first_id=ids.reserve(count))
            for write in self._write:
                await tick.do(write)
            tick.begin_anew(ids.next())


async def last_reached(tick: Tick) -> int:
    """The last event that what this tick decided is beyond: a wait's, or a count's."""
    ((waits, counts),) = await tick.ask(_REACHED)
    return max(waits or 0, counts or 0)


def _concerned() -> tuple[ColumnElement[bool], ...]:
    """Of a lead of which one came too low, all that is handled now: it stays in its order."""
    low = arrivals.alias("low")
    known = exists(
        select(1).where(enrolments.c.lead_id == low.c.lead_id, enrolments.c.since_event == low.c.id)
    )
    leads = select(low.c.lead_id).where(low.c.turn <= 1, low.c.id <= _LAST, ~known)
    return arrivals.c.turn <= 1, arrivals.c.lead_id.in_(leads)
