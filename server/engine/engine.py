"""The engine: events and the clock in; enrolments, journal and outbox out. One tick, one commit."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Program
from relance.errors import StoreUnavailable
from relance.events import CAMPAIGN_ENTERED
from relance.host import Clock
from server.crash import crash_point
from server.engine import batch, own_zone
from server.engine.ahead import Ahead, Sight, due
from server.engine.conditions.scope import Scope
from server.engine.contents import subjects
from server.engine.effects import team
from server.engine.failure import VersionFailed, blame
from server.engine.index import Index
from server.engine.listener import CampaignListener, Listener
from server.engine.listening import Happening
from server.engine.lists import declared
from server.engine.lists.dynamic_list import asked
from server.engine.lists.lists import ListFailed, Lists
from server.engine.matching import Pending, Return
from server.engine.publication import publication
from server.engine.publication.live import forget_gone
from server.engine.publication.project import Project
from server.engine.publication.publication import Also
from server.engine.publication.published import NOTHING, published
from server.engine.standing import standing_rules
from server.engine.standing.standing import STANDING, RuleFailed, Standing
from server.engine.statements.advance import advance
from server.engine.statements.plan import Plan
from server.engine.tallies.tallies import Tallies
from server.engine.tick import Tick
from server.engine.triggers import takings
from server.engine.triggers.entries import Admission
from server.engine.triggers.exits import Departure, Overdue, expire
from server.engine.triggers.notings import Key, NotingFailed, Notings, forget_but, mark, marked
from server.engine.triggers.schedules import Schedules, plan_recurrence
from server.engine.triggers.set_aside import SetAside
from server.engine.triggers.takings import Takings
from server.engine.triggers.triggers import Triggers
from server.engine.version import Recorded
from server.engine.wake import Works, weekdays
from server.engine.watches import LISTS, Flips
from server.store import moving
from server.store.instants import DEFAULT_ZONE, Micros, from_micros, now_micros
from server.store.leads import serialize_intake
from server.store.store import Store

logger = logging.getLogger(__name__)

#: Events, and due enrolments, taken on by one tick.
LIMIT = 2_000
#: The engine looks at the clock at least this often, in case the wall clock jumped.
_LONGEST_SLEEP = 30.0
#: While facts pour in, the rest left to the intake after each tick that emptied the queue, longer
#: from tick to tick: larger ticks cost less, and each form is answered sooner.
_REST = 0.005
_LONGEST_REST = 0.04


class Engine:
    """Runs the published programs. One `tick` at a time."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        zone: ZoneInfo | None = None,
        limit: int = LIMIT,
        works: Works = weekdays,
    ) -> None:
        self._store, self._clock, self._limit = store, clock, limit
        #: Which days are worked, for those who wait so many of them.
        self._works = works
        self._zone = zone or DEFAULT_ZONE
        self._index = Index(())
        self._loaded = False
        self._plans: dict[int, Plan] = {}
        self._pending = Pending(store.dialect)
        self._admission = Admission(store.dialect)
        self._overdue = Overdue(store.dialect)
        self._departure = Departure(store.dialect)
        self._return = Return(store.dialect)
        self._next_wake: int | None = None
        self._more = False
        #: `caught_up` is set once nothing that was due before is left to do.
        self._woken, self.caught_up = asyncio.Event(), asyncio.Event()
        #: One tick or one publication at a time, on a store that would let both go on.
        self._working = asyncio.Lock()
        #: Called after a commit that put messages in the outbox.
        self.on_outbox: Callable[[], None] = lambda: None
        #: When the oldest fact not stored yet came: who waits sees no later time, so that it counts.
        self.oldest: Callable[[], Micros | None] = lambda: None
        #: What `Rewrite` may make of a text, by name.
        self.rewriters: Mapping[str, Callable[[str], str]] = {}
        self._aside = SetAside()
        self._standing = Standing((), store, self._zone)
        self._lists = Lists((), store, self._zone)
        self._triggers = Triggers(self._index, self._scope, self._pending, self._admission)
        self._schedules = Schedules(self._scope)
        self._notings = Notings((), self._scope)
        self._takings = Takings(self._index)
        self._flips = Flips(store.dialect)
        self._tallies = Tallies(self._index, self._standing, self._standing.scope)
        self._ahead = Ahead(self._flips)

    @property
    def behind(self) -> bool:
        """Whether the last tick left something that is due already."""
        return self._more

    @property
    def quarantine(self) -> Mapping[int, str]:
        """Versions set aside because running them failed, and why."""
        return self._aside.reasons

    @property
    def rules_aside(self) -> tuple[str, ...]:
        """The rules outside campaigns that failed, as written."""
        return self._standing.aside

    def failing_lists(self) -> Sequence[str]:
        """The dynamic lists set aside because looking at their members failed."""
        return self._lists.names()

    # --- Publishing -------------------------------------------------------------------------

    async def publish(self, project: Project, also: Also | None = None) -> None:
        """Make this the project that runs; what `also` writes is committed with it."""
        programs = await asyncio.to_thread(publication.written, project.programs)
        async with self._working:
            async with self._store.write() as conn:
                # Every lead may be looked at: none must become another meanwhile.
                await serialize_intake(conn)
                now = now_micros(self._clock)
                recorded = await publication.publish(conn, project.programs, programs, now)
                read = [item.program for item in project.programs]
                fresh = dict(zip((one.version_id for one in recorded), read, strict=True))
                await team.publish(conn, project.people)
                former = Standing(await standing_rules.read(conn), self._store, self._zone)
                await standing_rules.publish(conn, project.rules)
                moved = await own_zone.moved(conn, self._zone)
                if moved:
                    await declared.look_again(conn)
                await declared.publish(conn, project.lists)
                standing = Standing(project.rules, self._store, self._zone)
                index = await self._read(conn, fresh)
                tick = self._tick(conn)
                if any(item.new for item in recorded):
                    await forget_gone(tick)
                states = (*index.states, *standing.states)
                unbuilt = {list_.key for list_ in index.lists if not list_.built}
                unknown = self._unknown(recorded, former)
                await forget_but(conn, states)
                for each in states:
                    if moved or unknown(each) or asked(each.trigger.condition) & unbuilt:
                        await mark(tick, each, unbuilt)

                def scope_of(number: int) -> Scope:
                    version = index.versions.get(number)
                    return (
                        Plan(version, self._store, self._works).scope if version else standing.scope
                    )

                await Notings(states, scope_of, await marked(conn)).go_on_at_once(tick, unbuilt)
                await self._plan_recurrences(tick, index, standing)
                await takings.plan(tick, index, recorded)
                to_note = await marked(conn)
                if also is not None:
                    await also(conn, now)
                crash_point("publish.before_commit")
            crash_point("publish.after_commit")
            # Only now: what was not committed must let nobody in.
            self._take_up(index, standing, to_note)
            self._aside.lift()
        self.wake()

    def _unknown(
        self, recorded: Sequence[Recorded], former: Standing
    ) -> Callable[[Listener], bool]:
        """Tells the state triggers that nobody followed until now."""
        begin = {item.version_id for item in recorded if item.new or item.reopened}
        # The exits of a campaign that was away went on listening, if there was somebody inside.
        known = {item.version_id for item in recorded if not item.new} & self._index.versions.keys()
        rules = {each.number for each in former.states}

        def unknown(listener: Listener) -> bool:
            if not isinstance(listener, CampaignListener):
                return listener.number not in rules
            number = listener.version.id
            return number in begin and not (number in known and listener.outcome is not None)

        return unknown

    async def take_stock(self) -> None:
        """Leads changed and no event tells it: note who is where now, and let nobody in for it."""
        async with self._working:
            async with self._store.write() as conn:
                await serialize_intake(conn)
                tick = self._tick(conn)
                await declared.build_again(conn)
                for listener in self._states:
                    await mark(tick, listener, {list_.key for list_ in self._index.lists})
                to_note = await marked(conn)
            self._lists.build_again()
            self._notings = Notings(self._states, self._scope, to_note)
        self.wake()

    async def _plan_recurrences(self, tick: Tick, index: Index, standing: Standing) -> None:
        for listener in (*index.scheduled.values(), *standing.scheduled.values()):
            await plan_recurrence(tick, listener)

    async def begin_again(self) -> None:
        """Take up what is published as if it were so now; for a store emptied of its leads."""
        async with self._store.write() as conn:
            await team.begin(conn)
            tick = self._tick(conn)
            await self._plan_recurrences(tick, self._index, self._standing)
            await takings.plan_openings(tick, self._index)
        self._aside.lift()

    async def load(self) -> None:
        """Take up what was published before; `tick` does it by itself when needed."""
        async with self._store.read() as conn:
            index = await self._read(conn)
            rules = await standing_rules.read(conn)
            to_note = await marked(conn)
        self._take_up(index, Standing(rules, self._store, self._zone), to_note)

    def forms(self) -> frozenset[str]:
        """The forms that the rules hear or ask about, as scripts write them."""
        others = (*(one.condition for one in self._index.lists), *self._standing.rules)
        told = (version.forms for version in self._index.versions.values())
        return subjects(others, "form_submitted").union(*told)

    async def _read(self, conn: AsyncConnection, fresh: Mapping[int, Program] = NOTHING) -> Index:
        """What is published; `fresh`: programs known already, by version."""
        known = {number: one.program for number, one in self._index.versions.items()}
        return await published(conn, self._zone, {**known, **fresh})

    def _take_up(self, index: Index, standing: Standing, to_note: Collection[Key]) -> None:
        self._index, self._standing = index, standing
        self._plans.clear()
        self._tallies = Tallies(index, standing, standing.scope)
        self._lists = Lists(index.lists, self._store, self._zone)
        # Rules outside campaigns may ask about entries too.
        entered = frozenset(
            version.campaign_id
            for version in index.versions.values()
            if self._listened(Happening(CAMPAIGN_ENTERED, version.key))
        )
        self._triggers = Triggers(index, self._scope, self._pending, self._admission, entered)
        self._schedules = Schedules(self._scope)
        zones = {str(version.zone) for version in index.versions.values()}
        self._notings = Notings(self._states, self._scope, to_note)
        self._takings = Takings(index)
        self._flips = Flips(self._store.dialect, zones | {str(self._zone)})
        self._ahead = Ahead(self._flips)
        self._loaded = True

    def _plan(self, version_id: int) -> Plan:
        plan = self._plans.get(version_id)
        if plan is None:
            version = self._index.versions[version_id]
            plan = self._plans[version_id] = Plan(version, self._store, self._works)
        return plan

    def _scope(self, version_id: int) -> Scope:
        if version_id == STANDING:
            return self._standing.scope
        return self._plan(version_id).scope

    def hears(self, event: Happening) -> bool:
        """Whether such an event, stored by the transaction that asks, is to be handled at all.

        On SQLite nothing can be published while that transaction goes on; elsewhere all is heard.
        """
        known = self._loaded and self._store.dialect == "sqlite"
        return not known or self._listened(event)

    def _listened(self, event: Happening) -> bool:
        return self._index.hears(event) or self._standing.hears(event)

    # --- The tick ---------------------------------------------------------------------------

    async def tick(self) -> bool:
        """One batch of events and of due enrolments; whether there was anything to do."""
        async with self._working:
            while True:
                try:
                    return await self._attempt()
                except RuleFailed:
                    continue
                except ListFailed as failure:
                    if failure.number in self._lists.reasons:
                        raise
                    logger.exception("moteur : liste %s mise de côté", failure.number)
                    self._lists.set_aside(failure.number, repr(failure.__cause__))
                except VersionFailed as failure:
                    if failure.version_id in self.quarantine:
                        raise
                    logger.exception("moteur : version %s mise de côté", failure.version_id)
                    self._aside.reasons[failure.version_id] = repr(failure.__cause__)

    async def _attempt(self) -> bool:
        if not self._loaded:
            await self.load()
        tick, worked = await self._store.transact(self._transaction)
        crash_point("engine.after_commit")
        tick.committed(tick.rows_moved)
        self._lists.committed()
        self._notings.committed()
        if tick.settled:
            self._aside.committed(caught_up=not tick.replayed)
        if tick.sent:
            self.on_outbox()
        if not self._more:
            self.caught_up.set()
        return worked

    async def _transaction(self, conn: AsyncConnection) -> tuple[Tick, bool]:
        tick = self._tick(conn)
        sight = await self._look_ahead(tick)
        if not (self._more or self._aside.unsettled or self._lists.unsettled):
            return tick, False
        tick.committed = await batch.prepare(conn)
        worked = await self._work(tick, sight)
        await self._look_ahead(tick)
        crash_point("engine.before_commit")
        return tick, worked

    def _tick(self, conn: AsyncConnection) -> Tick:
        heard = frozenset(self._index.heard | self._standing.heard)
        store, clock = self._store, now_micros(self._clock)
        now, floor = min(clock, self.oldest() or clock), store.ids.next()
        return Tick(conn, store, now, floor, heard, self._listened, clock, rewriters=self.rewriters)

    async def _work(self, tick: Tick, sight: Sight) -> bool:
        aside = list(self.quarantine)
        moved = sight.moving and await moving.go_on(tick.conn)
        if self._lists.unsettled:
            await self._lists.settle(tick)
        if self._lists.unbuilt or self._to_note:
            await serialize_intake(tick.conn)
            await self._go_over_leads(tick)
            return True
        if self._aside.unsettled:
            await self._aside.write(tick)
            tick.settled = True
            if self._aside.returning and await self._catch_up(tick):
                return True
        turned = due(sight.flips, tick.now) and await self._turn(tick, aside)
        fired = False
        if due(sight.recurs, tick.now):
            scheduled = {**self._index.scheduled, **self._standing.scheduled}
            fired = await self._schedules.fire_due(tick, scheduled, self._limit)
        taken = await self._pending.take_events(tick, self._limit)
        if taken:
            if self._index.bounded:
                await self._overdue.run(tick, self._index.versions, aside)
            await self._match(tick)
            await self._pending.wake(tick, aside)
        woken = await self._pending.take_due(tick, self._limit, aside, crowded=taken >= self._limit)
        if woken:
            await expire(tick, self._index.versions)
        tick.rows_moved = taken + woken
        if taken or woken:
            await self._move(tick)
        if taken:
            await self._pending.done(tick)
            await self._tallies.keep(tick)
        took = False
        if taken < self._limit and due(sight.takes, tick.now):
            took = await self._takings.go_on(tick, aside, self._limit)
        return bool(moved or taken or woken or fired or turned or took)

    async def _turn(self, tick: Tick, aside: Sequence[int]) -> bool:
        """Look at the leads for whom time may just have changed an answer; whether there were any."""
        found = await self._flips.claim(tick, self._limit, aside)
        await self._lists.turn(tick, [number for owner, number in found if owner == LISTS])
        await self._standing.turn(tick, [one for owner, one in found if owner == STANDING])
        await self._triggers.turn(tick, [key for key in found if key[0] != STANDING], aside)
        return bool(found)

    @property
    def _states(self) -> tuple[Listener, ...]:
        return (*self._index.states, *self._standing.states)

    @property
    def _to_note(self) -> bool:
        return self._notings.waiting(self._leaves_out)

    def _leaves_out(self, listener: Listener) -> bool:
        if isinstance(listener, CampaignListener):
            return listener.version.id in self.quarantine
        return self._standing.leaves_out(listener.number)

    async def _go_over_leads(self, tick: Tick) -> None:
        """One part more of what every lead is looked at for: lists first, conditions ask of them."""
        if self._lists.unbuilt:
            await self._lists.build(tick)
            return
        try:
            await self._notings.go_on(tick, self._leaves_out)
        except NotingFailed as failure:
            listener, error = failure.listener, failure.error
            if isinstance(listener, CampaignListener):
                raise blame(listener.version.id, error) from error
            raise self._standing.failed(listener.number, error) from error

    async def _move(self, tick: Tick) -> None:
        await advance(tick, self._plan)
        await self._departure.run(tick)
        await self._takings.return_(tick)
        astray = await self._return.run(tick)
        if astray is not None:
            raise VersionFailed(astray)

    async def _catch_up(self, tick: Tick) -> bool:
        """Look at events that came while a version was set aside, before any newer one."""
        group = await self._aside.take(tick, self._index, self._limit)
        if group is None:
            return False
        await self._triggers.tell(tick, group.listeners(self._index))
        await self._move(tick)
        await self._aside.done(tick, group)
        tick.replayed = True
        return True

    async def _match(self, tick: Tick) -> None:
        happenings = await self._pending.happenings(tick)
        await self._standing.apply(tick, happenings)
        await self._lists.follow(tick, self._index.lists_concerned(happenings))
        concerned = self._index.concerned(happenings)
        aside = [each for each in concerned if each.version.id in self.quarantine]
        if aside:
            await self._aside.keep(tick, aside)
        await self._triggers.tell(tick, [each for each in concerned if each not in aside])

    # --- The loop ---------------------------------------------------------------------------

    async def _look_ahead(self, tick: Tick) -> Sight:
        """Whether there is something to do now, and when there will be next."""
        sight = await self._ahead.look(tick, list(self.quarantine))
        self._next_wake = sight.first
        self._more = (
            sight.pending or sight.moving or due(sight.first, tick.now) or self._lists.unbuilt
        )
        self._more = self._more or self._to_note
        return sight

    def next_wake(self) -> datetime | None:
        """When the clock next concerns the engine, as the last tick left things."""
        return None if self._next_wake is None else from_micros(self._next_wake)

    def wake(self) -> None:
        """There are new events."""
        self._woken.set()

    async def run(self) -> None:
        """Tick while there is work, else sleep until woken or due; until cancelled."""
        rest = 0.0
        while True:
            self._woken.clear()
            try:
                worked = await self.tick()
            except StoreUnavailable as error:
                logger.error("moteur : rien ne peut être écrit (%s), il attend", error)
                await asyncio.sleep(1)
                continue
            if worked and self._more:
                continue
            if worked and self._woken.is_set():
                rest = min(rest + _REST, _LONGEST_REST)
                await asyncio.sleep(rest)
            else:
                rest = 0.0
                await self._sleep()

    async def _sleep(self) -> None:
        seconds = _LONGEST_SLEEP
        upcoming = self.next_wake()
        if upcoming is not None:
            seconds = min(seconds, (upcoming - self._clock.now()).total_seconds())
        try:
            async with asyncio.timeout(max(seconds, 0.001)):
                await self._woken.wait()
        except TimeoutError:
            return
