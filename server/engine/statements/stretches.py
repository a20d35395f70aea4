"""A stretch of a program: what all who stand at its first statement go through by one stride.

One statement moves the rows to its end, one journals all their moves, one puts their messages in the
outbox, however many statements of the program it is long.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlalchemy import (
    Column,
    ColumnElement,
    Text,
    and_,
    case,
    literal,
    not_,
    update,
)
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import Update

from server.engine.batch import WAITING, batch
from server.engine.conditions.scope import Scope
from server.engine.effects.effects import operations
from server.engine.effects.operation import Operation
from server.engine.moves import Move
from server.engine.parameters import VISIT
from server.engine.statements.counting import Passed
from server.engine.statements.lines import StraightLine
from server.engine.statements.recording import MoveMade, record
from server.engine.statements.rests import Deadline, resting
from server.engine.tick import Prepared, Tick
from server.engine.version import Version
from server.store.instants import Micros


@dataclass(frozen=True, slots=True)
class Door:
    """How a stretch begins: who goes through it, what becomes of their rows, the moves made there, and
    what is done to those who make them."""

    rows: ColumnElement[bool]
    changes: Mapping[str, Any] = field(default_factory=dict)
    made: tuple[MoveMade, ...] = ()
    done: tuple[Operation, ...] = ()

    def reads(self, *values: Any) -> bool:
        """Whether these expressions ask about what changes there."""
        return any(table is batch and name in self.changes for table, name in columns_in(values))


@dataclass(frozen=True, slots=True)
class WayOn:
    """A line from the door on, and the moves made before it."""

    line: StraightLine
    made: tuple[MoveMade, ...] = ()


class Runnable(Protocol):
    """A statement, compiled."""

    @property
    def reach(self) -> int:
        """The last statement at which it does anything to leads, if it goes beyond its own."""

    async def run(self, tick: Tick) -> Sequence[int]:
        """Move those who stand here; the statements where they may stand next."""


def stretch(
    door: Door,
    ways: Sequence[WayOn],
    version: Version,
    scope: Scope,
    holds: ColumnElement[bool] | None = None,
) -> Runnable:
    """The stretch from that door on; those for whom it `holds` go the first way, the others the last."""
    if not (version.holds_out and any(way.line.acts for way in ways)):
        return Stretch(door, ways, version, scope, holds)
    out, others = (
        replace(door, rows=and_(door.rows, test))
        for test in (batch.c.held_out, not_(batch.c.held_out))
    )
    without = [WayOn(way.line.withheld(), way.made) for way in ways]
    return Apart(
        Stretch(out, without, version, scope, holds), Stretch(others, ways, version, scope, holds)
    )


class Stretch:
    """One stretch, compiled."""

    def __init__(
        self,
        door: Door,
        ways: Sequence[WayOn],
        version: Version,
        scope: Scope,
        holds: ColumnElement[bool] | None,
    ) -> None:
        self.reach = max(way.line.reach for way in ways)
        self._version = version
        self._ways = [_WayTaken(door, way, version, scope) for way in ways]
        rest = ways[0].line.rest
        self._deadline = Deadline(rest.wait, version, scope, door.rows) if rest else None
        changes = {
            **door.changes,
            "statement": _either(holds, [way.line.next for way in ways]),
            "moves": batch.c.moves + _either(holds, [each.moves for each in self._ways]),
            "visit": VISIT + _either(holds, range(len(ways))),
        }
        steps = [_last_step(way.line) for way in ways]
        if any(step is not None for step in steps):
            changes["step"] = _either(holds, [batch.c.step if s is None else s for s in steps])
        if rest is not None:
            changes |= {"mode": WAITING, **resting(scope)}
        self._depart = Prepared(with_lead(update(batch).where(door.rows), changes, scope))

    async def run(self, tick: Tick) -> Sequence[int]:
        """Move those who stand here; where they may stand next."""
        visit = tick.visit()
        for _ in self._ways[1:]:
            tick.visit()
        holes: dict[str, Any] = {}
        until: Micros | None = None
        if self._deadline is not None:
            until = holes["p_deadline"] = await self._deadline.shared(tick)
        if not await tick.run(self._depart, self._version, p_visit=visit, **holes):
            return ()
        if self._deadline is not None and until is None:
            await self._deadline.write(tick, visit)
        follow = []
        for number, way in enumerate(self._ways):
            if await way.run(tick, visit + number):
                follow.append(way.next)
        # Whoever came to rest stays, if all rest until later.
        return () if until is not None and until > tick.now else follow


class _WayTaken:
    """What those who went a way did there."""

    def __init__(self, door: Door, way: WayOn, version: Version, scope: Scope) -> None:
        line = way.line
        passed = [MoveMade(one.statement, one.kind, branch=one.branch) for one in line.passes]
        rested = [MoveMade(line.next, Move.WAITED, until=batch.c.deadline)] if line.rest else []
        made = (*door.made, *way.made, *passed, *rested)
        self.next, self.moves = line.next, len(made)
        self._version = version
        self._record = record(version, *made)
        self._passed = [Passed(version, one.statement, one.kind, one.branch) for one in made]
        last = len(passed) + len(rested) - 1
        acts = [(last - number, one.effects) for number, one in enumerate(line.passes)]
        self._operations = [*door.done, *operations(acts, version, scope)]

    async def run(self, tick: Tick, visit: int) -> int:
        """Journal, count and do it; of how many."""
        count = await tick.run(self._record, self._version, p_visit=visit) // self.moves
        if not count:
            return 0
        for passed in self._passed:
            await passed.count(tick, visit, count)
        for operation in self._operations:
            await operation.run(tick, self._version, visit, count)
        return count


class Apart:
    """A stretch of which nothing comes to those who are held out: they go through it by themselves."""

    def __init__(self, out: Stretch, others: Stretch) -> None:
        self.reach = others.reach
        self._out, self._others = out, others

    async def run(self, tick: Tick) -> Sequence[int]:
        """Move both."""
        return [*await self._out.run(tick), *await self._others.run(tick)]


def with_lead(statement: Update, changes: Mapping[str, Any], scope: Scope) -> Update:
    """That update of the batch with these changes, each row beside its lead if they ask about it."""
    leads = scope.fields.table
    if leads.name in {table.name for table, _ in columns_in(changes.values())}:
        statement = statement.where(leads.c.id == batch.c.lead_id)
    return statement.values(dict(changes))


def columns_in(values: Iterable[Any]) -> Iterator[tuple[Any, str]]:
    """The columns these expressions read: the table of each, and its name."""
    for value in values:
        for node in visitors.iterate(value) if isinstance(value, ColumnElement) else ():
            if isinstance(node, Column) and node.table is not None:
                yield node.table, node.name


def _either(holds: ColumnElement[bool] | None, values: Sequence[Any]) -> Any:
    """The first value where it holds, else the last."""
    first, last = values[0], values[-1]
    if holds is None or first is last or (isinstance(first, int) and first == last):
        return first
    return case((holds, first), else_=last)


def _last_step(line: StraightLine) -> ColumnElement[str] | None:
    names = [one.step for one in line.passes if one.step is not None]
    return literal(names[-1], Text) if names else None
