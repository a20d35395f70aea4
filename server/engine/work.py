"""What one tick does, in its order: what came, whose time has come, and what follows from both."""

from functools import cached_property

from server.engine.agenda import Upcoming, due
from server.engine.composed import composed
from server.engine.dividing import Renumbering
from server.engine.life.parking import PART, Parking
from server.engine.matching import Pending, Return
from server.engine.quarantine import version_failed
from server.engine.running import Running
from server.engine.statements.advance import advance
from server.engine.tick import Tick
from server.engine.tick_limit import TickLimit
from server.engine.triggers.exits import Departure, Overdue, expire
from server.engine.turns import Kinds
from server.store import moving
from server.store.leads import serialize_intake


class Work:
    """The work of ticks. `limit`: events, and due enrolments, taken on by one."""

    def __init__(self, dialect: str, limit: TickLimit) -> None:
        self._dialect, self._limit = dialect, limit
        self._waiting = Kinds()
        self._pending = composed(Pending, dialect)
        self._overdue = composed(Overdue, dialect)
        self._departure = composed(Departure, dialect)
        self._return = composed(Return, dialect)
        self._parking = composed(Parking, dialect)

    @cached_property
    def _divided(self) -> Pending:
        return Pending(self._dialect, divided=True)

    @cached_property
    def _renumbering(self) -> Renumbering:
        return Renumbering()

    async def share(self, tick: Tick, running: Running, upcoming: Upcoming) -> bool:
        """Do what is of the leads this tick has to itself: their events, and what time brings each."""
        tick.carries = upcoming.carries
        parked, behind = await self._park(tick, running, upcoming)
        turned = due(upcoming.flips, tick.now) and await running.turn(tick, self._limit.now)
        await self._take(tick, running, upcoming, behind=behind)
        return bool(parked or turned or tick.rows_moved)

    async def run(self, tick: Tick, running: Running, upcoming: Upcoming) -> bool:
        """Do some of it; whether there was any."""
        tick.carries = upcoming.carries
        moved = upcoming.moving and await moving.go_on(tick.conn)
        if running.lists.unsettled:
            await running.lists.settle(tick)
        if running.waiting:
            await serialize_intake(tick.conn)
            await running.go_over_leads(tick)
            return True
        counting = running.goals.waiting
        if counting:
            await running.goals.go_on(tick)
        if running.backlog.unsettled:
            await running.backlog.settle(tick)
            if running.backlog.returning:
                tick.used = True
                if await self._catch_up(tick, running):
                    return True
        if due(upcoming.looks, tick.now):
            tick.used = True
            if await running.triggers.look(tick, self._limit.now):
                await self._move(tick, running)
                return True
        parked, behind = await self._park(tick, running, upcoming)
        turned = due(upcoming.flips, tick.now) and await running.turn(tick, self._limit.now)
        fired = False
        if due(upcoming.recurs, tick.now):
            fired = await running.schedules.fire_due(tick, self._limit.now, running.resting)
        taken = await self._take(tick, running, upcoming, behind=behind)
        took = False
        if taken < self._limit.now and due(upcoming.takes, tick.now):
            quarantined = (*running.quarantine.versions, *running.resting)
            tick.used = True
            took = await running.takings.go_on(tick, quarantined, self._limit.now)
        return bool(moved or counting or parked or turned or fired or tick.rows_moved or took)

    async def _park(self, tick: Tick, running: Running, upcoming: Upcoming) -> tuple[int, bool]:
        """Set apart who does not run: how many, and whether others stand before those who may move."""
        parked, lifecycles = 0, running.published.lifecycles
        if due(upcoming.wakes, tick.now):
            failed = running.quarantine.versions
            parked = await self._parking.park(tick, lifecycles.parked, failed)
        return parked, parked >= PART or lifecycles.given_back

    async def _take(self, tick: Tick, running: Running, upcoming: Upcoming, *, behind: bool) -> int:
        """Take on events, then the enrolments whose time has come; how many events.

        Neither is asked for where there can be none: the day of every recurrence begins a tick, and
        most find nobody. `behind`: those may be behind a crowd of others.
        """
        came = upcoming.pending or upcoming.moving or tick.numbered
        if not (came or due(upcoming.wakes, tick.now)):
            return 0
        tick.used = True
        quarantined = list(running.quarantine.versions)
        still = [*quarantined, *running.resting]
        pending = self._pending if tick.shards is None else self._divided
        taken = await pending.take_events(tick, self._limit.now, self._waiting) if came else 0
        if taken and tick.shards is not None:
            await self._renumbering.run(tick)
        if taken:
            if running.published.index.bounded:
                await self._overdue.run(tick, still)
            await running.follow(tick, await pending.happenings(tick))
            hourly = running.triggers.hourly.versions
            await pending.wake(tick, quarantined, still, hourly)
        crowded = taken >= self._limit.now
        woken = await pending.take_due(tick, self._limit.now, still, crowded=crowded, behind=behind)
        if woken:
            await expire(tick)
        tick.rows_moved = taken + woken
        if taken or woken:
            await self._move(tick, running)
        if taken:
            await pending.done(tick)
            await running.tallies.keep(tick)
        return taken

    async def part(self, tick: Tick, running: Running) -> None:
        """Have those of the batch who leave do so, though nothing of the tick's own is done."""
        tick.carries = True
        await self._move(tick, running)

    async def _move(self, tick: Tick, running: Running) -> None:
        tick.used = True
        await advance(tick, running.plan)
        await self._departure.run(tick)
        await running.takings.return_(tick)
        await running.triggers.return_(tick)
        astray = await self._return.run(tick)
        if astray is not None:
            lost = LookupError("a lead neither rests nor leaves")
            raise version_failed(astray, lost) from lost
        await running.goals.count_entrants(tick)

    async def _catch_up(self, tick: Tick, running: Running) -> bool:
        """Look at events that came while a version was set quarantined, before any newer one."""
        if await running.triggers.catch_up(tick, self._limit.now):
            await self._move(tick, running)
            return True
        tick.after_commit.append(running.backlog.caught_up)
        return False
