"""Each kind of statement as one to three set operations over the rows that stand at it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.sql import visitors

from dsl import program
from relance.effects import Send
from server.engine.batch import LEFT, RUNNING, batch
from server.engine.conditions.conditions import compiled
from server.engine.conditions.leaves import leaves_json
from server.engine.conditions.scope import Scope
from server.engine.draw import draw_sql
from server.engine.effects.effects import operations
from server.engine.effects.operation import Operation
from server.engine.moves import Cause, Move
from server.engine.parameters import VISIT
from server.engine.statements.carried import Skipping, carried_times
from server.engine.statements.counting import Passed
from server.engine.statements.recording import record, rows_at
from server.engine.tick import Prepared, Tick
from server.engine.version import Version
from server.store.schema.campaigns import journal


class Passage:
    """A statement the leads pass without resting: depart, record, then whatever it does."""

    def __init__(
        self,
        version: Version,
        scope: Scope,
        index: int,
        kind: Move,
        changes: Mapping[str, Any],
        follow: Sequence[int],
        after: Sequence[Operation] = (),
        branch: ColumnElement[Any] | None = None,
    ) -> None:
        self.follow = tuple(follow)
        self._version = version
        self._after = after
        leads = scope.fields.table
        depart = update(batch).where(rows_at(version, index, RUNNING))
        if any(_needs_lead(value) for value in changes.values()):
            depart = depart.where(leads.c.id == batch.c.lead_id)
        self._depart = Prepared(
            depart.values({**changes, "moves": batch.c.moves + 1, "visit": VISIT})
        )
        branch = branch if branch is not None else cast(null(), Integer)
        leaves = batch.c.leaves if "leaves" in changes else cast(null(), Text)
        self._record = record(version, index, kind, branch=branch, leaves=leaves)
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
        for operation in self._after:
            await operation.run(tick, self._version, visit, count)
        return self.follow

    async def holes(self, tick: Tick) -> Mapping[str, Any]:
        """What else there is to know to move them."""
        return {}


def _needs_lead(value: Any) -> bool:

    if not isinstance(value, ColumnElement):
        return False
    return any(
        getattr(getattr(node, "table", None), "name", None) == "leads"
        for node in visitors.iterate(value)
    )


def _act(at: program.Act, index: int, version: Version, scope: Scope) -> "Acting":
    doing: list[Operation] = []
    sends = 0
    for effect in at.effects:
        doing += operations(effect, sends, version, scope)
        sends += isinstance(effect, Send)
    do = Passage(version, scope, index, Move.ACTED, {"statement": at.next}, [at.next], doing)
    held = any(one.key == program.HOLDOUT for one in version.program.statements[:1])
    withhold = Withholding(at, index, version) if held else None
    return Acting(do, Skipping(at, index, version), withhold)


class Acting:
    """An activity: done, but by those who returned to a step and had done it already.

    `withhold`: and by those who get nothing, where the campaign has some.
    """

    def __init__(self, do: Passage, skip: Skipping, withhold: "Withholding | None") -> None:
        self._do, self._skip, self._withhold = do, skip, withhold

    async def run(self, tick: Tick) -> Sequence[int]:
        """Move those who stand here."""
        held = await self._withhold.run(tick) if self._withhold is not None else ()
        skipped = await self._skip.run(tick) if tick.carries else ()
        return await self._do.run(tick) or skipped or held


class Withholding:
    """Passing an activity of which nothing is to come to the lead."""

    def __init__(self, at: program.Act, index: int, version: Version) -> None:
        self._version, self._next = version, at.next
        self._depart = Prepared(
            update(batch)
            .where(rows_at(version, index, RUNNING), batch.c.held_out)
            .values(statement=at.next, moves=batch.c.moves + 1, visit=VISIT)
        )
        self._record = record(version, index, Move.WITHHELD)

    async def run(self, tick: Tick) -> Sequence[int]:
        """Move them on; where they then stand."""
        visit = tick.visit()
        if not await tick.run(self._depart, self._version, p_visit=visit):
            return ()
        await tick.run(self._record, self._version, p_visit=visit)
        return (self._next,)


def _decide(at: program.Decide, index: int, version: Version, scope: Scope) -> Passage:
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


def _step(at: program.Step, index: int, version: Version, scope: Scope) -> Passage:
    changes = {"statement": at.next, "step": literal(at.name, Text)}
    return Passage(version, scope, index, Move.STEPPED, changes, [at.next])


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


def _jump(at: program.Jump, index: int, version: Version, scope: Scope) -> Passage:
    if at.limit is None:
        chosen: Any = literal(at.target, Integer)
    else:
        made = _made(version, index, Move.JUMPED, journal.c.branch == at.target)
        before = carried_times(version, index)
        chosen = case((made + before < at.limit, at.target), else_=at.next)
    changes = {"statement": chosen}
    return Passage(
        version, scope, index, Move.JUMPED, changes, [at.target, at.next], branch=batch.c.statement
    )


def _loop_start(at: program.LoopStart, index: int, version: Version, scope: Scope) -> Passage:
    return Passage(version, scope, index, Move.LOOP_BEGUN, {"statement": at.next}, [at.next])


def _loop(at: program.Loop, index: int, version: Version, scope: Scope) -> Passage:
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


def _split(at: program.Split, index: int, version: Version, scope: Scope) -> Passage:
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

    def __init__(self, at: program.Leave, index: int, version: Version, scope: Scope) -> None:
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


PASSAGES: Mapping[type, Callable[[Any, int, Version, Scope], Any]] = {
    program.Act: _act,
    program.Decide: _decide,
    program.Step: _step,
    program.Jump: _jump,
    program.LoopStart: _loop_start,
    program.Loop: _loop,
    program.Split: _split,
    program.Leave: Leaving,
}
