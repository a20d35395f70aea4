"""The two statements a lead rests at: a pause until a time, a wait for something to hold.

A wait looks at history from its reference and subscribes in the same transaction, so that no
event falls in between. Its end moves the reference: to the event that ended it, or to the
instant it was due.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    and_,
    bindparam,
    case,
    cast,
    func,
    not_,
    null,
    or_,
    select,
    update,
)

from dsl.program import Await, Pause
from relance import facts
from server.engine.batch import DUE, HELD, RUNNING, WAITING, WOKEN, batch
from server.engine.conditions.conditions import compiled
from server.engine.conditions.flips import next_flip, soonest
from server.engine.conditions.history import reference
from server.engine.conditions.leaves import leaves_json
from server.engine.conditions.scope import Scope
from server.engine.effects.operation import Operation
from server.engine.moves import TIMED_OUT, Cause, Move
from server.engine.parameters import BEHIND, NEXT_HOUR, NOW, VISIT, before, hour_from
from server.engine.statements.counting import Passed
from server.engine.statements.deciding import after
from server.engine.statements.following import Following
from server.engine.statements.hearing import subscribe, unsubscribe
from server.engine.statements.lines import ProgramLines
from server.engine.statements.recording import MoveMade, record, rows_at, visited
from server.engine.statements.rests import Deadline, at_most, resting
from server.engine.statements.stretches import Door
from server.engine.tick import Prepared, Tick
from server.engine.version import Version
from server.store.instants import midnight

_MIDNIGHT = bindparam("p_midnight", type_=BigInteger)
_DAY = bindparam("p_day", type_=Date)


def _behind(instant: Any) -> ColumnElement[int]:
    """The last event that is behind those who rested until then.

    Later than it was before they rested only: of a campaign that is resumed, all is behind them.
    """
    then, known = before(instant), batch.c.since_event
    return case((and_(then < known, known > BEHIND), known), (then < BEHIND, BEHIND), else_=then)


class Resting:
    """Beginning to rest: the deadline, the wake time, the journal."""

    def __init__(
        self, deadline: Deadline, index: int, version: Version, scope: Scope, mode: int
    ) -> None:
        self._deadline, self._version = deadline, version
        changes = {
            **resting(scope),
            "mode": mode,
            "moves": batch.c.moves + 1,
            "visit": VISIT,
            "cause": Cause.MOVE.value,
            "cause_event": cast(null(), BigInteger),
        }
        depart = update(batch).where(rows_at(version, index, RUNNING))
        self._rest = Prepared(depart.values(changes))
        self._record = record(version, MoveMade(index, Move.WAITED, until=batch.c.deadline))

    async def run(self, tick: Tick) -> int:
        """How many arrived."""
        visit = tick.visit()
        until = await self._deadline.shared(tick)
        count = await tick.run(self._rest, self._version, p_visit=visit, p_deadline=until)
        if count:
            if until is None:
                await self._deadline.write(tick, visit)
            await tick.run(self._record, self._version, p_visit=visit)
        return count


class Pausing:
    """`Pause`: rest until a time, then go on with what follows."""

    def __init__(
        self, at: Pause, index: int, version: Version, scope: Scope, lines: ProgramLines
    ) -> None:
        deadline = Deadline(at.wait, version, scope, rows_at(version, index, RUNNING))
        self._resting = Resting(deadline, index, version, scope, WAITING)
        self._following: Following | None = None
        if deadline.by_day:
            self._following = Following(deadline, index, version, scope)
        unheard = (self._following.unheard,) if self._following else ()
        door = _end_of_rest(index, version, unheard)
        self._go_on = after(door, index, at.next, version, scope, lines)
        self.reach = self._go_on.reach

    async def run(self, tick: Tick) -> Sequence[int]:
        """Rest those who come, let go those who are due."""
        following = self._following
        if following is not None:
            await following.move(tick)
        arrived = await self._resting.run(tick)
        follow = await self._go_on.run(tick)
        if following is not None:
            await following.settle(tick, arrived=bool(arrived))
        return follow


def _end_of_rest(index: int, version: Version, done: Sequence[Operation]) -> Door:
    over = or_(batch.c.deadline <= NOW, batch.c.deadline.is_(None))
    waited, woken = batch.c.mode == DUE, batch.c.mode == WOKEN
    until = func.coalesce(batch.c.deadline, NOW)
    # Told by the mode: those who came and found the time past keep their reference.
    changes = {
        "mode": RUNNING,
        "cause": case((waited, Cause.TIME.value), (woken, batch.c.cause), else_=Cause.MOVE.value),
        "cause_event": case((or_(waited, woken), batch.c.cause_event)),
        "since_at": case(
            (waited, until),
            (woken, func.coalesce(batch.c.cause_at, batch.c.since_at)),
            else_=batch.c.since_at,
        ),
        "since_event": case(
            (waited, _behind(until)),
            (woken, func.coalesce(batch.c.cause_event, batch.c.since_event)),
            else_=batch.c.since_event,
        ),
        "deadline": cast(null(), BigInteger),
        "wake_at": cast(null(), BigInteger),
    }
    resumed = MoveMade(index, Move.RESUMED, cause=batch.c.cause, cause_event=batch.c.cause_event)
    rows = and_(rows_at(version, index, WAITING, DUE, WOKEN), over)
    return Door(rows, changes, (resumed,), tuple(done))


class Awaiting:
    """`Await`: rest until a branch holds, or its limit."""

    #: What those who go on do is of the statements they come to.
    reach = -1

    def __init__(self, at: Await, index: int, version: Version, scope: Scope) -> None:
        self._version = version
        self.follow = tuple({branch.next for branch in at.branches} | {at.timeout})
        deadline = Deadline(at_most(at.limit), version, scope, rows_at(version, index, RUNNING))
        self._resting = Resting(deadline, index, version, scope, HELD)
        leads = scope.fields.table
        looked_at = rows_at(version, index, HELD, WOKEN, DUE)
        truths: list[Any] = [
            (compiled(branch.condition, scope), number) for number, branch in enumerate(at.branches)
        ]
        over: list[Any] = [(batch.c.deadline <= NOW, TIMED_OUT)]
        # As Audience does: of several that hold the last written wins, what comes after the time
        # limit being written last; and who has just moved is looked at on the next hour.
        self._hourly = _OnTheHour(at, index, version, scope) if version.hourly else None
        ways = [*over, *reversed(truths)] if version.hourly else [*truths, *over]
        conditions = tuple(branch.condition for branch in at.branches)
        self._look = Prepared(
            update(batch)
            .where(looked_at, leads.c.id == batch.c.lead_id)
            .values(
                branch=case(*ways, else_=cast(null(), Integer)),
                leaves=leaves_json(conditions, scope),
            )
        )
        self._resume = Prepared(self._resuming(at, looked_at, scope))
        resumed = MoveMade(
            index,
            Move.RESUMED,
            cause=batch.c.cause,
            cause_event=batch.c.cause_event,
            branch=batch.c.branch,
            leaves=batch.c.leaves,
        )
        self._record = record(version, resumed)
        self._passed = Passed(version, index, Move.RESUMED, batch.c.branch)
        self._unsubscribe = unsubscribe(at.topics, visited(version))
        held = rows_at(version, index, HELD)
        self._subscribe = [subscribe(scope.dialect, topic, held) for topic in at.topics]
        flip = next_flip(facts.AnyOf(tuple(b.condition for b in at.branches)), scope)
        self._days: Prepared | None = None
        here: Any = looked_at
        bounds: list[Any] = [batch.c.deadline, batch.c.expires_at]
        if flip.at is not None or flip.day is not None:
            here = and_(looked_at, leads.c.id == batch.c.lead_id)
        if flip.at is not None:
            bounds.append(hour_from(flip.at) if version.hourly else flip.at)
        rest = {"mode": WAITING, "branch": None, "leaves": None}
        wake = soonest(scope.dialect, *bounds)
        if flip.day is not None:
            self._days = Prepared(
                select(flip.day.label("day")).where(here, flip.day.is_not(None)).distinct()
            )
            by_day = soonest(scope.dialect, *bounds, _MIDNIGHT)
            that_day = and_(here, flip.day == _DAY)
            self._stay_by_day = Prepared(
                update(batch).where(that_day).values(**rest, wake_at=by_day)
            )
        self._stay = Prepared(update(batch).where(here).values(**rest, wake_at=wake))

    def _resuming(self, at: Await, looked_at: Any, scope: Scope) -> Any:
        gave_up = batch.c.branch == TIMED_OUT
        woken = batch.c.mode == WOKEN
        references = [
            (batch.c.branch == number, found)
            for number, branch in enumerate(at.branches)
            if (found := reference(branch.condition, scope)) is not None
        ]
        by_history = (
            case(*references, else_=batch.c.since_event) if references else batch.c.since_event
        )
        goto = [
            (batch.c.branch == number, branch.next) for number, branch in enumerate(at.branches)
        ]
        return (
            update(batch)
            .where(looked_at, batch.c.branch.is_not(None))
            .values(
                statement=case(*goto, else_=at.timeout),
                passed=True,
                mode=RUNNING,
                moves=batch.c.moves + 1,
                visit=VISIT,
                since_at=case(
                    (gave_up, batch.c.deadline),
                    (woken, func.coalesce(batch.c.cause_at, batch.c.since_at)),
                    else_=batch.c.since_at,
                ),
                since_event=case(
                    (gave_up, _behind(batch.c.deadline)),
                    (woken, func.coalesce(batch.c.cause_event, batch.c.since_event)),
                    else_=func.coalesce(by_history, batch.c.since_event),
                ),
                deadline=None,
                wake_at=None,
            )
        )

    async def run(self, tick: Tick) -> Sequence[int]:
        """Look at those who come or were woken; let go those for whom a branch holds."""
        arrived = await self._resting.run(tick)
        if arrived and self._hourly is not None:
            arrived -= await self._hourly.hold(tick)
        looked_at = await tick.run(self._look, self._version)
        if not looked_at:
            return ()
        visit = tick.visit()
        resumed = await tick.run(self._resume, self._version, p_visit=visit)
        if resumed:
            await tick.run(self._record, self._version, p_visit=visit)
            await self._passed.count(tick, visit, resumed)
            if looked_at > arrived:
                await tick.run(self._unsubscribe, self._version, p_visit=visit)
        if resumed < looked_at:
            for subscribe in self._subscribe if arrived else ():
                await tick.run(subscribe, self._version)
            await self._rest(tick)
        return self.follow if resumed else ()

    async def _rest(self, tick: Tick) -> None:
        """Wait on, until the clock may change the answer."""
        if self._days is not None:
            for (day,) in await tick.rows(self._days, self._version):
                begins = midnight(day, self._version.zone)
                await tick.run(self._stay_by_day, self._version, p_day=day, p_midnight=begins)
        await tick.run(self._stay, self._version)


class _OnTheHour:
    """Who comes to a wait of a campaign looked at on the hour: it is looked at on the next.

    But for those who enter: « un membre peut entrer et passer immédiatement à l’étape suivante ».
    """

    def __init__(self, at: Await, index: int, version: Version, scope: Scope) -> None:
        self._version = version
        entering = and_(batch.c.fresh, batch.c.passed.is_(None))
        later = and_(rows_at(version, index, HELD), not_(entering))
        self._subscribe = [subscribe(scope.dialect, topic, later) for topic in at.topics]
        wake = soonest(scope.dialect, NEXT_HOUR, batch.c.deadline, batch.c.expires_at)
        self._rest = Prepared(
            update(batch).where(later).values(mode=WAITING, branch=None, leaves=None, wake_at=wake)
        )

    async def hold(self, tick: Tick) -> int:
        """Have them wait for the hour; how many."""
        for each in self._subscribe:
            await tick.run(each, self._version)
        return await tick.run(self._rest, self._version)
