"""Each kind of statement as one to three set operations over the rows that stand at it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    case,
    func,
    literal,
    select,
    update,
)

from dsl import program
from server.engine.batch import LEFT, RUNNING, batch
from server.engine.conditions.conditions import compiled
from server.engine.conditions.leaves import leaves_json
from server.engine.conditions.scope import Scope
from server.engine.draw import draw_sql
from server.engine.moves import Cause, Move
from server.engine.parameters import VISIT
from server.engine.statements.carried import Skipping, carried_times
from server.engine.statements.counting import Passed
from server.engine.statements.deciding import decided
from server.engine.statements.lines import ProgramLines
from server.engine.statements.recording import MoveMade, record, rows_at
from server.engine.statements.stretches import (
    Door,
    Runnable,
    WayOn,
    stretch,
    with_lead,
)
from server.engine.tick import Prepared, Tick
from server.engine.version import Version
from server.store.schema.campaigns import journal


class Passage:
    """A statement that asks something of each lead that passes it: depart, record."""

    reach = -1

    def __init__(
        self,
        version: Version,
        scope: Scope,
        index: int,
        kind: Move,
        changes: Mapping[str, Any],
        follow: Sequence[int],
        branch: ColumnElement[Any] | None = None,
    ) -> None:
        self.follow = tuple(follow)
        self._version = version
        depart = update(batch).where(rows_at(version, index, RUNNING))
        moved = {**changes, "moves": batch.c.moves + 1, "visit": VISIT}
        self._depart = Prepared(with_lead(depart, moved, scope))
        leaves = batch.c.leaves if "leaves" in changes else None
        self._record = record(version, MoveMade(index, kind, branch=branch, leaves=leaves))
        self._passed = Passed(version, index, kind, branch)

    async def run(self, tick: Tick) -> Sequence[int]:
        """Move those who stand here; where they may stand next."""
        visit = tick.visit()
        holes = await self.holes(tick)
        count = await tick.run(self._depart, self._version, p_visit=visit, **holes)
        if not count:
            return ()
        await tick.run(self._record, self._version, p_visit=visit)
        await self._passed.count(tick, visit, count)
        return self.follow

    async def holes(self, tick: Tick) -> Mapping[str, Any]:
        """What else there is to know to move them."""
        return {}


class Acting:
    """An activity, by itself: those who did it in another version do not do it again."""

    def __init__(
        self, at: program.Act, index: int, version: Version, scope: Scope, lines: ProgramLines
    ) -> None:
        self._skip = Skipping(at, index, version)
        self._do = passing(at, index, version, scope, lines)
        self.reach = self._do.reach

    async def run(self, tick: Tick) -> Sequence[int]:
        """Move those who stand here."""
        skipped = await self._skip.run(tick) if tick.carries else ()
        return await self._do.run(tick) or skipped


def passing(
    at: program.Statement, index: int, version: Version, scope: Scope, lines: ProgramLines
) -> Runnable:
    """What everybody passes who stands at that statement."""
    door = Door(rows_at(version, index, RUNNING))
    return stretch(door, [WayOn(lines.at(index))], version, scope)


def _act(
    at: program.Act, index: int, version: Version, scope: Scope, lines: ProgramLines
) -> Runnable:
    if lines.whole:
        return passing(at, index, version, scope, lines)
    return Acting(at, index, version, scope, lines)


def _decide(
    at: program.Decide, index: int, version: Version, scope: Scope, lines: ProgramLines
) -> Runnable:
    door = Door(rows_at(version, index, RUNNING))
    fork = decided(door, at, index, version, scope, lines)
    if fork is not None:
        return fork
    holds = compiled(at.condition, scope)
    changes = {
        "statement": case((holds, at.yes), else_=at.no),
        "leaves": leaves_json((at.condition,), scope),
    }
    if at.yes == at.no:
        changes["branch"] = case((holds, 1), else_=0)
    branch: Any = batch.c.branch
    if at.yes != at.no:
        branch = case((batch.c.statement == at.yes, 1), else_=0)
    return Passage(version, scope, index, Move.DECIDED, changes, [at.yes, at.no], branch=branch)


def _made(
    version: Version, index: int, kind: Move, *tests: ColumnElement[bool]
) -> ColumnElement[int]:
    """How many such moves this enrolment has made at that statement, in this version."""
    return (
        select(func.count())
        .select_from(journal)
        .where(
            journal.c.lead_id == batch.c.lead_id,
            journal.c.campaign_id == batch.c.campaign_id,
            journal.c.entry == batch.c.entry,
            journal.c.kind == kind.value,
            journal.c.statement == index,
            journal.c.version_id == version.id,
            *tests,
        )
        .correlate_except(journal)
        .scalar_subquery()
    )


def _jump(
    at: program.Jump, index: int, version: Version, scope: Scope, lines: ProgramLines
) -> Runnable:
    if at.limit is None:
        return passing(at, index, version, scope, lines)
    made = _made(version, index, Move.JUMPED, journal.c.branch == at.target)
    before = carried_times(version, index)
    changes = {"statement": case((made + before < at.limit, at.target), else_=at.next)}
    return Passage(
        version, scope, index, Move.JUMPED, changes, [at.target, at.next], branch=batch.c.statement
    )


def _loop(
    at: program.Loop, index: int, version: Version, scope: Scope, _lines: ProgramLines
) -> Passage:
    begun = journal.alias("begun")
    last = (
        select(func.max(begun.c.move))
        .where(
            begun.c.lead_id == batch.c.lead_id,
            begun.c.campaign_id == batch.c.campaign_id,
            begun.c.entry == batch.c.entry,
            begun.c.version_id == version.id,
            begun.c.kind == Move.LOOP_BEGUN.value,
            begun.c.statement == at.start,
        )
        .correlate_except(begun)
        .scalar_subquery()
    )
    since = journal.c.move > func.coalesce(last, 0)
    made = _made(version, index, Move.LOOPED, journal.c.branch == at.body, since)
    # Begun in this version, it counts from there; else on from what was made of it in another.
    before = case((last.is_(None), carried_times(version, index)), else_=0)
    chosen = case((made + before < at.times, at.body), else_=at.next)
    changes = {"statement": chosen}
    return Passage(
        version, scope, index, Move.LOOPED, changes, [at.body, at.next], branch=batch.c.statement
    )


def _split(
    at: program.Split, index: int, version: Version, scope: Scope, _lines: ProgramLines
) -> Passage:
    drawn = draw_sql(batch.c.lead_id, at.salt)
    *pieces, rest = at.dealt
    bounds = [(drawn < one.upto, one.share) for one in pieces]
    goto = [(drawn < one.upto, at.shares[one.share].next) for one in pieces]
    last = at.shares[rest.share].next
    changes: dict[str, Any] = {
        "statement": case(*goto, else_=last) if goto else last,
        "branch": case(*bounds, else_=rest.share) if bounds else literal(rest.share, Integer),
    }
    if at.key == program.HOLDOUT:
        changes["held_out"] = drawn < at.shares[0].upto
    follow = [share.next for share in at.shares]
    return Passage(version, scope, index, Move.SPLIT, changes, follow, branch=batch.c.branch)


class Leaving:
    """« sortir »: the goodbye of the tick journals it."""

    reach = -1

    def __init__(
        self, at: program.Leave, index: int, version: Version, _scope: Scope, _lines: ProgramLines
    ) -> None:
        self._version = version
        self._leave = Prepared(
            update(batch)
            .where(rows_at(version, index, RUNNING))
            .values(
                mode=LEFT,
                outcome=at.outcome.value,
                cause=Cause.MOVE.value,
                cause_event=None,
                leaves=None,
            )
        )

    async def run(self, tick: Tick) -> Sequence[int]:
        """Nobody stands anywhere after this."""
        await tick.run(self._leave, self._version)
        return ()


PASSAGES: Mapping[type, Callable[[Any, int, Version, Scope, ProgramLines], Runnable]] = {
    program.Act: _act,
    program.Decide: _decide,
    program.Step: passing,
    program.Jump: _jump,
    program.LoopStart: passing,
    program.Loop: _loop,
    program.Split: _split,
    program.Leave: Leaving,
}
