"""What one tick does, in its order: what came, whose time has come, and what follows from both."""

from collections.abc import Sequence

from server.engine.ahead import Sight, due
from server.engine.failure import VersionFailed
from server.engine.listener import CampaignListener
from server.engine.matching import Pending, Return
from server.engine.running import Running
from server.engine.statements.advance import advance
from server.engine.tick import Tick
from server.engine.triggers.entries import Admission
from server.engine.triggers.exits import Departure, Overdue, expire
from server.engine.triggers.set_aside import SetAside
from server.store import moving
from server.store.leads import serialize_intake


class Work:
    """The work of ticks. `limit`: events, and due enrolments, taken on by one."""

    def __init__(self, dialect: str, aside: SetAside, limit: int) -> None:
        self._aside, self._limit = aside, limit
        self._pending = Pending(dialect)
        self._admission = Admission(dialect)
        self._overdue = Overdue(dialect)
        self._departure = Departure(dialect)
        self._return = Return(dialect)

    async def run(self, tick: Tick, running: Running, sight: Sight) -> bool:
        """Do some of it; whether there was any."""
        aside = list(self._aside.reasons)
        moved = sight.moving and await moving.go_on(tick.conn)
        if running.lists.unsettled:
            await running.lists.settle(tick)
        if running.unfinished(aside):
            await serialize_intake(tick.conn)
            await running.go_over_leads(tick, aside)
            return True
        if self._aside.unsettled:
            await self._aside.write(tick)
            tick.settled = True
            if self._aside.returning and await self._catch_up(tick, running):
                return True
        turned = due(sight.flips, tick.now) and await running.turn(tick, self._limit, aside)
        fired = False
        if due(sight.recurs, tick.now):
            fired = await running.schedules.fire_due(tick, running.scheduled, self._limit)
        taken = await self._take(tick, running, aside)
        took = False
        if taken < self._limit and due(sight.takes, tick.now):
            took = await running.takings.go_on(tick, aside, self._limit)
        return bool(moved or turned or fired or tick.rows_moved or took)

    async def _take(self, tick: Tick, running: Running, aside: Sequence[int]) -> int:
        """Take on events, then the enrolments whose time has come; how many events."""
        taken = await self._pending.take_events(tick, self._limit)
        if taken:
            if running.index.bounded:
                await self._overdue.run(tick, running.index.versions, aside)
            await self._match(tick, running)
            await self._pending.wake(tick, aside)
        woken = await self._pending.take_due(tick, self._limit, aside, crowded=taken >= self._limit)
        if woken:
            await expire(tick, running.index.versions)
        tick.rows_moved = taken + woken
        if taken or woken:
            await self._move(tick, running)
        if taken:
            await self._pending.done(tick)
            await running.tallies.keep(tick)
        return taken

    async def _match(self, tick: Tick, running: Running) -> None:
        happenings = await self._pending.happenings(tick)
        await running.standing.apply(tick, happenings)
        await running.lists.follow(tick, running.index.lists_concerned(happenings))
        concerned = running.index.concerned(happenings)
        aside = [each for each in concerned if each.version.id in self._aside.reasons]
        if aside:
            await self._aside.keep(tick, aside)
        await self._tell(tick, running, [each for each in concerned if each not in aside])

    async def _tell(
        self, tick: Tick, running: Running, concerned: Sequence[CampaignListener]
    ) -> None:
        asked = await running.triggers.tell(tick, concerned)
        if asked:
            await self._admission.run(tick, asked, running.entered)

    async def _move(self, tick: Tick, running: Running) -> None:
        await advance(tick, running.plan)
        await self._departure.run(tick)
        await running.takings.return_(tick)
        astray = await self._return.run(tick)
        if astray is not None:
            raise VersionFailed(astray)

    async def _catch_up(self, tick: Tick, running: Running) -> bool:
        """Look at events that came while a version was set aside, before any newer one."""
        group = await self._aside.take(tick, running.index, self._limit)
        if group is None:
            return False
        await self._tell(tick, running, group.listeners(running.index))
        await self._move(tick, running)
        await self._aside.done(tick, group)
        tick.replayed = True
        return True
