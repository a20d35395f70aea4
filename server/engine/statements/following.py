"""A rest until the day a field holds follows the field: set at another day, it ends on that one.

Those who rest so are subscribed to the changes of their lead, as those who wait for something are;
woken, their time is computed anew, set by set, and the journal tells those for whom it moved.
"""

from sqlalchemy import and_, cast, select, update
from sqlalchemy.sql.expression import null
from sqlalchemy.types import BigInteger

from relance.events import LEAD_UPDATED
from server.engine.batch import DUE, WAITING, WOKEN, batch
from server.engine.conditions.scope import Scope
from server.engine.effects.operation import Operation
from server.engine.moves import Move
from server.engine.parameters import NOW, VISIT
from server.engine.statements.hearing import subscribe, unsubscribe
from server.engine.statements.recording import MoveMade, record, rows_at, visited
from server.engine.statements.rests import Deadline
from server.engine.tick import Prepared, Tick
from server.engine.version import Version
from server.store.schema.campaigns import enrolments, same


class Following:
    """Moves the rests of one statement of a version with the field they follow."""

    def __init__(self, deadline: Deadline, index: int, version: Version, scope: Scope) -> None:
        self._deadline, self._version = deadline, version
        woken = rows_at(version, index, WOKEN, DUE)
        unknown = cast(null(), BigInteger)
        self._forget = Prepared(
            update(batch)
            .where(woken)
            .values(deadline=unknown, wake_at=batch.c.expires_at, visit=VISIT)
        )
        known = select(enrolments.c.deadline).where(same(enrolments, batch)).scalar_subquery()
        moved = and_(woken, batch.c.deadline > NOW, batch.c.deadline.is_distinct_from(known))
        self._moved = Prepared(
            update(batch).where(moved).values(moves=batch.c.moves + 1, visit=VISIT)
        )
        waited = MoveMade(
            index,
            Move.WAITED,
            cause=batch.c.cause,
            cause_event=batch.c.cause_event,
            until=batch.c.deadline,
        )
        self._record = record(version, waited)
        self._stay = Prepared(update(batch).where(woken).values(mode=WAITING))
        resting = rows_at(version, index, WAITING)
        self._subscribe = subscribe(scope.dialect, LEAD_UPDATED, resting)
        #: What is done to those who go on.
        self.unheard = Operation(unsubscribe([LEAD_UPDATED], visited(version)).statement)

    async def move(self, tick: Tick) -> None:
        """Compute anew until when those who were woken rest."""
        visit = tick.visit()
        if not await tick.run(self._forget, self._version, p_visit=visit):
            return
        await self._deadline.write(tick, visit)
        moved = tick.visit()
        if await tick.run(self._moved, self._version, p_visit=moved):
            await tick.run(self._record, self._version, p_visit=moved)

    async def settle(self, tick: Tick, *, arrived: bool) -> None:
        """Those who rest hear of it; `arrived`: some of them have come to rest now."""
        await tick.run(self._stay, self._version)
        if arrived:
            await tick.run(self._subscribe, self._version)
