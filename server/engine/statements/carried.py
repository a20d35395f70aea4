"""What those who passed from another version had done there: counted on, or not done again."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, exists, func, not_, select, tuple_, update

from dsl import program
from dsl.correspondence import first_to_do, what_is_done
from server.engine.batch import RUNNING, batch
from server.engine.moves import Move
from server.engine.parameters import VISIT
from server.engine.statements.recording import MoveMade, record, rows_at, visited
from server.engine.tick import Prepared, Tick
from server.engine.version import Version
from server.store.schema.campaigns import same
from server.store.schema.transfers import carried


def _here(version: Version, index: int) -> ColumnElement[bool]:
    return and_(
        same(carried, batch), carried.c.version_id == version.id, carried.c.statement == index
    )


def carried_times(version: Version, index: int) -> ColumnElement[int]:
    """How often an enrolment had passed that statement before it came to this version."""
    query = select(carried.c.times).where(_here(version, index))
    return func.coalesce(query.correlate(batch).scalar_subquery(), 0)


class Skipping:
    """Passing an activity without doing it, once for each time it was done before."""

    def __init__(self, at: program.Act, index: int, version: Version) -> None:
        self._version, self._next = version, at.next
        # Those that do the same are counted by the first of them, whichever was passed before.
        counted = first_to_do(version.program)[what_is_done(at)]
        done = exists(select(carried.c.lead_id).where(_here(version, counted))).correlate(batch)
        skipping = [rows_at(version, index, RUNNING), done]
        if version.holds_out:  # those who get nothing have nothing to skip
            skipping.append(not_(batch.c.held_out))
        self._depart = Prepared(
            update(batch)
            .where(*skipping)
            .values(statement=at.next, moves=batch.c.moves + 1, visit=VISIT)
        )
        self._record = record(version, MoveMade(index, Move.SKIPPED))
        here = visited(version)
        leads = select(batch.c.lead_id).where(here)
        journeys = select(batch.c.lead_id, batch.c.campaign_id, batch.c.entry).where(here)
        key = tuple_(carried.c.lead_id, carried.c.campaign_id, carried.c.entry)
        passed = (
            *(carried.c.lead_id.in_(leads), key.in_(journeys)),
            *(carried.c.version_id == version.id, carried.c.statement == counted),
        )
        self._count = Prepared(update(carried).where(*passed).values(times=carried.c.times - 1))
        self._forget = Prepared(delete(carried).where(*passed, carried.c.times <= 0))

    async def run(self, tick: Tick) -> Sequence[int]:
        """Move them on; where they then stand."""
        visit = tick.visit()
        if not await tick.run(self._depart, self._version, p_visit=visit):
            return ()
        await tick.run(self._record, self._version, p_visit=visit)
        await tick.run(self._count, self._version, p_visit=visit)
        await tick.run(self._forget, self._version, p_visit=visit)
        return (self._next,)
