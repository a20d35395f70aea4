"""The engine: events and the clock in; enrolments, journal and outbox out. One tick, one commit."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.phrases.words import BARE, Words
from relance.errors import StoreUnavailable
from relance.host import Clock
from server.crash import crash_point
from server.engine.agenda import Upcoming, due
from server.engine.dividing import last_reached
from server.engine.effects import team
from server.engine.goals import stored as goals
from server.engine.life import proceeding, settling, transitions
from server.engine.listening import Happening
from server.engine.lists import declared
from server.engine.pace import EnginePace
from server.engine.publication import inheritance, publication, publishing
from server.engine.publication.latest import latest
from server.engine.publication.project import Project
from server.engine.publication.publication import Also
from server.engine.published import NOTHING
from server.engine.quarantine import RuleFailed
from server.engine.running import Running
from server.engine.sharing import SharedOutcome, SharedTick, Sharing, needs_all
from server.engine.subscriptions import SinkSubscription, SinkSubscriptions
from server.engine.tick import Tick
from server.engine.tick_limit import LIMITS, TickLimit
from server.engine.tick_tables import prepare
from server.engine.transfer import proceeding as transferring
from server.engine.triggers.notings import mark, marked
from server.engine.triggers.schedules import plan_recurrences
from server.engine.wake import Works, weekdays
from server.engine.work import Work
from server.probe import Probe
from server.store import shards
from server.store.counters.changes import CountedChanges
from server.store.instants import DEFAULT_ZONE, Micros, from_micros, now_micros
from server.store.leads import serialize_intake
from server.store.store import Store
from server.store.written_with import WriteDown

logger = logging.getLogger(__name__)

T = TypeVar("T")
#: What is done to campaigns, in the transaction of a tick.
Change: TypeAlias = Callable[[Tick], Awaitable[T]]


class Engine:
    """Runs the published programs. One `tick` at a time."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        zone: ZoneInfo | None = None,
        limit: int | None = None,
        works: Works = weekdays,
        words: Words = BARE,
        subscriptions: Sequence[SinkSubscription] = (),
    ) -> None:
        self._store, self._clock = store, clock
        wanted = SinkSubscriptions(subscriptions, store.dialect, lambda: self.on_deliveries())
        self._running = Running(NOTHING, store, zone or DEFAULT_ZONE, works, words, wanted)
        self._limit = TickLimit(limit or LIMITS[store.dialect])
        self._loaded, self._work = False, Work(store.dialect, self._limit)
        self._next_wake: int | None = None
        self._more = False
        self._pace = EnginePace(clock)
        #: Set once nothing that was due before is left to do.
        self.caught_up = asyncio.Event()
        #: What other processes there are, if any, and which leads are theirs to move.
        self.sharing = Sharing()
        self._upcoming: Upcoming | None = None
        #: One tick or one publication at a time, on a store that would let both go on.
        self._working = asyncio.Lock()
        #: Called after a commit that put messages in the outbox.
        self.on_outbox: Callable[[], None] = lambda: None
        #: Called after a commit that noted events for other programs.
        self.on_deliveries: Callable[[], None] = lambda: None
        #: When the oldest fact not stored yet came: who waits sees no later time, so that it counts.
        self.oldest: Callable[[], Micros | None] = lambda: None
        self.probe = Probe()
        #: What `Rewrite` may make of a text, by name.
        self.rewriters: Mapping[str, Callable[[str], str]] = {}

    @property
    def behind(self) -> bool:
        """Whether the last tick left something that is due already."""
        return self._more

    @property
    def quarantine(self) -> Mapping[int, str]:
        """Versions set apart because running them failed, and why."""
        return self._running.quarantine.versions

    @property
    def stopped_rules(self) -> Sequence[str]:
        """The rules outside campaigns that failed, as written."""
        return (*self._running.rules.stopped, *self._running.goals.stopped)

    @property
    def stopped_lists(self) -> Sequence[str]:
        """The dynamic lists set apart because looking at their members failed."""
        return self._running.lists.stopped

    def forms(self) -> frozenset[str]:
        """The forms that the rules hear or ask about, as scripts write them."""
        return self._running.forms()

    def hears(self, event: Happening) -> bool:
        """Whether such an event, stored by the transaction that asks, is to be handled at all.

        On SQLite nothing can be published while that transaction goes on; elsewhere all is heard,
        and so it is while a campaign whose period begins now has yet to open.
        """
        known = self._loaded and self._store.dialect == "sqlite"
        known = known and not due(self._running.published.lifecycles.turns, now_micros(self._clock))
        return not known or self._running.hears(event)

    # --- Publishing -------------------------------------------------------------------------

    async def publish(
        self, project: Project, also: Also | None = None, last: WriteDown | None = None
    ) -> None:
        """Make this the project that runs; what `also` writes is committed with it.

        `last` writes when all else is written: what it locks is locked for as short as may be.
        """
        async with self._store.read() as conn:
            kept = await inheritance.known(conn)
        project = await asyncio.to_thread(inheritance.inheriting, project, kept)
        programs = await asyncio.to_thread(publication.written, project.programs)
        async with self._working:
            await self.sharing.close(self._store)
            async with self._store.write() as conn:
                # Every lead may be looked at: none must become another meanwhile.
                await serialize_intake(conn)
                tick = self._tick(conn)
                if also is not None:
                    await also(conn, tick.clock)
                coming = await publishing.publish(tick, project, programs, self._running)
                await tick.write_counted()
                if last is not None:
                    await last(conn)
                crash_point("publish.before_commit")
            crash_point("publish.after_commit")
            # Only now: what was not committed must let nobody in.
            self._take_up(coming)
        self.wake()
        if tick.sent:
            self.on_outbox()

    async def load(self) -> None:
        """Take up what was published before; `tick` does it by itself when needed."""
        async with self._store.read() as conn:
            running, now = self._running, self.now()
            published = await latest(conn, running.zone, running.programs, now)
        self._take_up(self._running.followed_by(published))

    def _take_up(self, running: Running) -> None:
        self._running, self._loaded = running, True
        self.sharing.anew, self.sharing.last_id = True, self._store.ids.last
        number = running.published.number
        logger.debug("moteur : la publication n° %d est en marche", number)

    @property
    def store(self) -> Store:
        """Where all of it is kept."""
        return self._store

    async def change(self, change: Change[T]) -> T:
        """Do something to campaigns in one transaction, and have those run that now are to."""
        async with self._working:
            if not self._loaded:
                await self.load()
            said: Any = await self._turn(change)
        self.wake()
        return cast(T, said)

    async def take_stock(self) -> None:
        """Leads changed and no event tells it: note who is where now, and let nobody in for it.

        What they did before may have been told as well: goals are counted again from it.
        """
        async with self._working:
            running = self._running
            await self.sharing.close(self._store)
            async with self._store.write() as conn:
                await serialize_intake(conn)
                tick = self._tick(conn)
                await declared.build_again(conn)
                unbuilt = {list_.key for list_ in running.published.lists}
                await mark(tick, running.states, unbuilt)
                unnoted = await marked(conn)
                await goals.count_again(conn)
            running.go_over_again(unnoted)
        self.wake()

    async def begin_again(self) -> None:
        """Take up what is published as if it were so now; for a store emptied of its leads."""
        async with self._store.write() as conn:
            await team.begin(conn)
            await settling.begin_again(conn)
            tick, running = self._tick(conn), self._running
            published = await latest(conn, running.zone, running.programs, tick.now)
            before, now = running.published.lifecycles, published.lifecycles
            if (before.runs, before.turns) != (now.runs, now.turns):
                running = running.followed_by(published)
            await plan_recurrences(tick, running.scheduled.values())
        running.begin_again()
        self._take_up(running)

    # --- The tick ---------------------------------------------------------------------------

    async def tick(self) -> bool:
        """One batch of events and of due enrolments; whether there was anything to do."""
        async with self._working:
            if not self._loaded:
                await self.load()
            return await self.probe.tick(self._ticked())

    async def _ticked(self) -> bool:
        if self.sharing.helps:
            return await self._help()
        if self.sharing.open and (moved := await self._share()) is not None:
            return moved
        await self.sharing.close(self._store)
        worked = await self._have_all()
        if self.sharing.others and self._nothing_of_all():
            await self.sharing.share(self._store)
            self._more = True
        return worked

    async def _have_all(self) -> bool:
        """A tick that has all leads."""
        turned = due(self._running.published.lifecycles.turns, self.now())
        if turned:
            await self._turn()
        if self._running.published.lifecycles.under_way:
            turned = True
            await self._proceed()
        while True:
            try:
                return await self._attempt() or turned
            except RuleFailed as failure:
                self._running.quarantine.add(failure)

    async def _turn(self, change: Change[T] | None = None) -> T | None:
        """Have the campaigns run that are to, after that change of theirs; what it answers."""
        await self.sharing.close(self._store)
        async with self._store.write() as conn:
            # States may be looked at for every lead: none must become another meanwhile.
            await serialize_intake(conn)
            tick = self._tick(conn)
            said = None if change is None else await change(tick)
            coming = await publishing.turn(tick, self._running)
            await tick.write_counted()
            crash_point("life.before_commit")
        crash_point("life.after_commit")
        self._take_up(coming)
        return said

    async def _proceed(self) -> None:
        """One part more of what is being done to people."""
        await self.sharing.close(self._store)
        coming = None
        async with self._store.write() as conn:
            await serialize_intake(conn)
            tick = self._tick(conn)
            if await self._go_on(tick):
                coming = await publishing.turn(tick, self._running)
            await tick.write_counted()
            crash_point("life.before_commit")
        crash_point("life.after_commit")
        self.sharing.last_id = self._store.ids.last
        for callback in tick.after_commit:
            callback()
        if coming is not None:
            self._take_up(coming)
        if tick.sent:
            self.on_outbox()

    async def _go_on(self, tick: Tick) -> bool:
        """One part of what was begun; whether which campaigns run is to be looked at again."""
        if await transitions.first(tick.conn) is not None:
            return await proceeding.go_on(tick)
        await prepare(tick)
        done = await transferring.go_on(tick, self._running)
        await self._work.part(tick, self._running)
        return done

    async def finish(self) -> None:
        """Do to the end what is being done to people; when nothing else runs."""
        async with self._working:
            while self._running.published.lifecycles.under_way:
                await self._proceed()

    async def _attempt(self) -> bool:
        tick, worked = await self._store.transact(self._transaction)
        self._over(tick)
        return worked

    def _over(self, tick: Tick) -> None:
        """What follows from a tick once it is committed."""
        crash_point("engine.after_commit")
        self.probe.rows += tick.rows_moved
        for callback in tick.after_commit:
            callback()
        # What was missed is given back part by part, by the first.
        self._more = self._more or (self._running.unsettled and not self.sharing.helps)
        if tick.sent:
            self.on_outbox()
        if not self._more:
            self.caught_up.set()

    async def _transaction(self, conn: AsyncConnection) -> tuple[Tick, bool]:
        numbered = not self.sharing.divided or await self.sharing.number_on(conn, self._store)
        tick = self._tick(conn)
        if not numbered:
            return tick, True
        if self.sharing.divided:
            tick.shards, tick.last_id = shards.ALL, self.sharing.last_id
            going_over = self._running.waiting or self._running.goals.waiting
            self.sharing.anew = self.sharing.anew or going_over
        upcoming = await self._look(tick)
        if not (self._more or self._running.unsettled):
            return tick, False
        await prepare(tick)
        worked = await self._work.run(tick, self._running, upcoming)
        if self.sharing.divided:
            self.sharing.last_id = max(self.sharing.last_id, await last_reached(tick))
        await self._look(tick)
        await tick.write_counted()
        crash_point("engine.before_commit")
        return tick, worked

    def _tick(self, conn: AsyncConnection) -> Tick:
        store, clock, running = self._store, now_micros(self._clock), self._running
        # Read once: what a publication writes at one of them is no earlier than the other.
        now, floor = self._behind(clock), store.ids.next()
        tick = Tick(conn, store, now, floor, running.heard, running.hears, clock)
        tick.rewriters = self.rewriters
        tick.counted = CountedChanges() if store.counting else None
        return tick

    def now(self) -> Micros:
        """The instant of a tick: behind the clock while facts that came are being stored."""
        return self._behind(now_micros(self._clock))

    def _behind(self, clock: Micros) -> Micros:
        return min(clock, self.oldest() or clock)

    async def _look(self, tick: Tick) -> Upcoming:
        """Whether there is something to do now, and when there will be next."""
        running = self._running
        upcoming = await running.agenda.look(tick, running.quarantine, running.resting)
        self._upcoming = upcoming
        bounds = (upcoming.first, running.published.lifecycles.turns)
        self._next_wake = min((at for at in bounds if at is not None), default=None)
        self._more = upcoming.pending or upcoming.moving or due(self._next_wake, tick.now)
        self._more = self._more or running.waiting or running.goals.waiting
        self._more = self._more or bool(running.published.lifecycles.under_way)
        return upcoming

    # --- Shared with other processes --------------------------------------------------------

    async def have_beside(self, movers: int) -> None:
        """Other processes number events, and so many of them move leads, from when this returns."""
        async with self._working:
            await self.sharing.divide(self._store, movers)
        self.wake()

    async def begin_sharing(self) -> None:
        """Have all leads, as shared as whoever was the first before may have left them."""
        async with self._working:
            await self.sharing.begin(self._store)

    def _nothing_of_all(self) -> bool:
        upcoming, running = self._upcoming, self._running
        return upcoming is not None and not needs_all(running, upcoming, self.now())

    async def _help(self) -> bool:
        """Move some of the leads, if any is shared."""
        try:
            moved = await self._share()
        except RuleFailed as failure:
            logger.warning("moteur : %s échoue ici, laissée au premier serveur", failure.what)
            self.sharing.epoch = None
            async with self._store.write() as conn:
                await shards.stop(conn)
            raise StoreUnavailable("left to the first server") from failure
        return bool(moved)

    async def _share(self) -> bool | None:
        """Move some of the leads; None when all are to be had for what there is to do."""
        try:
            outcome, tick = await self._store.transact(self._shared_transaction)
        except RuleFailed:
            if self.sharing.helps:
                raise
            return None  # it fails again with all of them, and is set apart there
        found = SharedOutcome
        idle = outcome is found.IDLE and not self.sharing.rests
        self.sharing.shut = outcome is found.SHUT
        self._more = idle or outcome in (found.MOVED, found.LATER, found.STALE)
        if outcome is found.STALE:
            await self._read_again()
        if tick is not None:
            self._over(tick)
        if outcome in (found.SHUT, found.WHOLE) and not self.sharing.helps:
            return None
        return self._more

    async def _read_again(self) -> None:
        """Take up what the first server has published since."""
        async with self._store.read() as conn:
            await self._store.fields.load(conn)
        await self.load()
        self.sharing.epoch = self.sharing.seen

    async def _shared_transaction(self, conn: AsyncConnection) -> SharedTick:
        sharing, store, running = self.sharing, self._store, self._running
        taken = await shards.take(conn)
        if taken is None:
            return SharedTick(SharedOutcome.SHUT)
        if sharing.helps and taken.epoch != sharing.epoch:
            sharing.seen = taken.epoch
            return SharedTick(SharedOutcome.STALE)
        if not await sharing.number_on(conn, store, taken.last_id):
            return SharedTick(SharedOutcome.LATER)
        tick = self._tick(conn)
        tick.shards, tick.last_id = taken.shards, taken.last_id
        upcoming = await self._look(tick)
        if not sharing.helps and needs_all(running, upcoming, tick.now):
            return SharedTick(SharedOutcome.WHOLE)
        await prepare(tick)
        worked = bool(taken.shards) and await self._work.share(tick, running, upcoming)
        await tick.write_counted()
        await shards.give_back(conn, taken, max(taken.last_id, await last_reached(tick)))
        crash_point("engine.before_commit")
        sharing.looked_at(len(taken.shards), moved=worked)
        return SharedTick(SharedOutcome.MOVED if worked else SharedOutcome.IDLE, tick)

    # --- The loop ---------------------------------------------------------------------------

    def next_wake(self) -> datetime | None:
        """When the clock next concerns the engine, as the last tick left things."""
        return None if self._next_wake is None else from_micros(self._next_wake)

    def wake(self) -> None:
        """There are new events."""
        self._pace.wake()

    async def run(self) -> None:
        """Tick while there is work, else rest until woken or due; until cancelled."""
        while True:
            self._limit.turn(came=self._pace.looks())
            try:
                worked = await self.tick()
            except StoreUnavailable as error:
                logger.error("moteur : rien ne peut être écrit (%s), il attend", error)
                await asyncio.sleep(1)
                continue
            shared = self.sharing.pause if self.sharing.divided else None
            upcoming, more = self.next_wake(), self._more
            await self._pace.after(worked=worked, more=more, upcoming=upcoming, shared=shared)
