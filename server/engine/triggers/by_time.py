"""State triggers that nothing but the clock sets off: at the instant their condition turns true.

The engine then tells itself so by an event of its own, which the trigger answers as any other.
"""

from typing import Any

from sqlalchemy import BigInteger, and_, delete, literal, select

from server.engine.batch import (
    EVERYTHING,
    arrivals,
    beside_leads,
    handled,
    insert_new,
    looked,
    turning,
)
from server.engine.conditions.conditions import compiled
from server.engine.conditions.leaves import leaves_json
from server.engine.conditions.scope import Scope
from server.engine.event_insertion import insert_events_from
from server.engine.listener import Listener
from server.engine.own_events import SCHEDULE_DUE
from server.engine.tick import Prepared, Tick
from server.engine.triggers.edge import held, row_of, rows_of
from server.engine.triggers.entries import touching
from server.engine.watches import Watch
from server.store.schema.campaigns import edges


class ByTime:
    """A state trigger, watched for its next flip, lead by lead."""

    def __init__(self, listener: Listener, scope: Scope) -> None:
        self._owner = owner = listener.owner
        number, condition = listener.number, listener.trigger.condition
        assert condition is not None  # noqa: S101 — it is timed
        scope = scope.of(enrolment=None, in_tick=False)
        self._watch = Watch(owner.id, number, condition, scope)
        values = {"lead_id": arrivals.c.lead_id, "horizon": arrivals.c.id}
        touched = select(arrivals.c.lead_id).where(handled, touching(listener, scope.dialect))
        self._touched = Prepared(insert_new(scope.dialect, looked, values, touched))
        mine = and_(turning.c.owner == owner.id, turning.c.number == number)
        due = {"lead_id": turning.c.lead_id, "horizon": literal(EVERYTHING, BigInteger)}
        rows = select(turning.c.lead_id).where(mine)
        self._due = Prepared(insert_new(scope.dialect, looked, due, rows))
        here = scope.of(lead_id=looked.c.lead_id, horizon=looked.c.horizon)
        holds = compiled(condition, here)
        leads = scope.fields.table
        source = select(looked.c.lead_id).select_from(beside_leads(looked, leads))
        known = held(listener, looked.c.lead_id)
        self._insert_events = self._event_insertion(listener, here, source.where(holds, ~known))
        row = row_of(listener, looked.c.lead_id)
        self._begin = Prepared(insert_new(scope.dialect, edges, row, source.where(holds)))
        gone = edges.c.lead_id.in_(source.where(~holds))
        self._end = Prepared(delete(edges).where(rows_of(listener), gone))

    def _event_insertion(self, listener: Listener, here: Scope, rows: Any) -> Any:
        leaves = leaves_json((listener.trigger.condition,), here)
        lead, subject = looked.c.lead_id, listener.subject
        return insert_events_from(rows, lead, SCHEDULE_DUE, subject, key=subject, properties=leaves)

    async def note(self, tick: Tick) -> None:
        """After events: know when to look next at the leads they are about."""
        await tick.conn.execute(delete(looked))
        if await tick.run(self._touched, self._owner):
            await self._watch.look(tick, self._owner)

    async def turn(self, tick: Tick) -> None:
        """Look at the leads whose time has come: tell of those it turned true for."""
        await tick.conn.execute(delete(looked))
        count = await tick.run(self._due, self._owner)
        first = tick.store.ids.reserve(max(count, 1))
        await self._insert_events.run(tick, True, whose=self._owner, p_first_id=first)
        await tick.run(self._begin, self._owner)
        await tick.run(self._end, self._owner)
        await self._watch.look(tick, self._owner)

    async def begin(self, tick: Tick, after: int, upto: int) -> None:
        """At publication: know when to look at the leads numbered so."""
        await self._watch.begin(tick, self._owner, after, upto)
