"""A lane: the dispatch of one channel, with its own rate, concurrency and circuit breaker.

Lanes share nothing but the database, so a slow or dead channel holds back no other. One
transaction settles what came back and claims what leaves next; a claim is never larger than
the number of calls that can begin at once, so that « being sent » means just that.

Where several processes send, the lanes of a channel take turns (`server.store.lanes`): together they
go no faster than one, have no more calls under way, and are cut together. They go by the database's
clock, and look for what others left.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Channel, Doubtful, Outcome
from relance.errors import StoreUnavailable
from relance.host import Clock
from server.crash import crash_point
from server.dispatch.book import Book
from server.dispatch.breaker import Breaker, Circuit
from server.dispatch.calling import Calling
from server.dispatch.claim import Claim, Settled
from server.dispatch.claims import Claims, lease
from server.dispatch.lane_state import LaneState
from server.dispatch.settling import Record, Settling
from server.dispatch.sharing import SharedSending
from server.dispatch.terms import USUAL, Terms
from server.store import lanes
from server.store.instants import from_micros
from server.store.lanes import HeldLane
from server.store.store import Store

logger = logging.getLogger(__name__)

#: Rows one transaction may claim at most.
BATCH = 100
#: The longest sleep, against clocks that are set while we sleep.
LONGEST_SLEEP = timedelta(seconds=30)
#: For how long at most what came back waits for what is about to, in seconds.
PATIENCE = 0.02
#: How long a lane rests when the store cannot be written.
STORE_REST = 1.0
#: How long the bookkeeping of stopped calls may take.
LAST_WORDS = 1.0
#: Beside other processes: how soon a lane that the others hold back asks again, at the least and at
#: the most.
_SOON, _POLL = timedelta(seconds=0.05), timedelta(seconds=1)

STOPPED = "le serveur s’est arrêté pendant l’envoi"


class _Outdated(Exception):
    """Something was published since that this process has not read yet."""


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """What people are shown of a lane."""

    channel: str
    circuit: Circuit
    reason: str | None
    until: datetime | None
    under_way: int


class Lane:
    """Sends what is due on one channel."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        channel: Channel,
        record: Record,
        recorded: Callable[[], None],
        terms: Terms = USUAL,
        book: Book | None = None,
        sharing: SharedSending | None = None,
    ) -> None:
        self.channel = channel
        self._store = store
        self._clock = clock
        self._sharing = sharing or SharedSending()
        self._claims = Claims(store, channel, terms, self._sharing)
        self._settling = Settling(channel, record)
        self._recorded = recorded
        self._book = book or Book()
        self._calling = Calling(channel, clock, self._book)
        self._lease = lease(channel)
        self._state = LaneState(channel)
        #: Held by each turn that goes by it.
        self.turning = asyncio.Lock()
        #: Beside other processes: by how much the database's clock is before ours, until when the
        #: others hold this back, and what came of messages, to be told to them.
        self._later = timedelta(0)
        self._rests_until: datetime | None = None
        self._judged: list[Outcome] = []
        #: Until when the store has the channel cut, as this process wrote it; False: not known.
        self._noted: datetime | Literal[False] | None = False
        self._calls: set[asyncio.Task[None]] = set()
        self._returned: list[Settled] = []
        self._due: datetime | None = None
        self._look = True
        self._stopping = False
        self._woken = asyncio.Event()
        #: What the last exchange with the base took, in seconds.
        self._took_last = 0.0

    @property
    def breaker(self) -> Breaker:
        """Whether the channel is cut."""
        return self._state.breaker

    def _now(self) -> datetime:
        """What time it is for all who send."""
        return self._clock.now() + self._later

    def wake(self) -> None:
        """Look at the outbox now: something was added to it."""
        self._look = True
        self._woken.set()

    def stop(self) -> None:
        """Claim no more; `run` returns when the calls under way are settled."""
        self._stopping = True
        self._woken.set()

    def status(self) -> LaneStatus:
        """How the lane is doing."""
        circuit = self.breaker.state(self._now())
        return LaneStatus(
            self.channel.name, circuit, self.breaker.reason, self.breaker.until, len(self._calls)
        )

    async def next_due(self) -> datetime | None:
        """When the lane has something to send next, its breaker considered."""
        async with self._store.read() as conn:
            due = await self._claims.next_due(conn)
        if due is not None and self.breaker.until is not None:
            return max(due, self.breaker.until)
        return due

    async def run(self) -> None:
        """Send until stopped; failures of the store are waited out."""
        while not (self._stopping and not self._calls and not self._returned):
            self._woken.clear()
            try:
                await self._linger()
                pause = await self._turn()
            except StoreUnavailable as error:
                logger.error("canal %s : rien ne peut être noté (%s)", self.channel.name, error)
                pause = await self._rest()
            except Exception:
                logger.exception("canal %s : l’envoi est suspendu un instant", self.channel.name)
                pause = await self._rest()
            if pause is None or pause > 0:
                await self._sleep(pause)

    async def _linger(self) -> None:
        """Give the calls that are about to end as long as a turn takes, which costs as much for one
        message as for all of them."""
        if self._returned and self._calls and not self._stopping:
            await asyncio.wait(self._calls, timeout=min(self._took_last, PATIENCE))

    async def _sleep(self, pause: float | None) -> None:
        longest = (_POLL if self._sharing.on else LONGEST_SLEEP).total_seconds()
        try:
            left = longest if pause is None else min(pause, longest)
            await asyncio.wait_for(self._woken.wait(), left)
        except TimeoutError:
            # Another process may have filled the outbox: having slept long, look again.
            self._look = self._look or pause is None or self._sharing.on

    async def _rest(self) -> float:
        """Sleep in spite of wake-ups; look again afterwards, unless there is no time left for it."""
        if self._stopping and not self._calls:
            logger.error("canal %s : %d envois non notés", self.channel.name, len(self._returned))
            self._returned.clear()
            return 0
        await asyncio.sleep(STORE_REST)
        self._look = True
        return 0

    async def flush(self) -> bool:
        """Send all that is due, whatever the rate; True if anything left. Not beside `run`."""
        worked = False
        while True:
            self._look = True
            await self._turn(hurry=True)
            if not self._calls and not self._returned and not await self._more():
                return worked
            worked = True
            if self._calls:
                await asyncio.wait(self._calls, return_when=asyncio.FIRST_COMPLETED)

    async def _more(self) -> bool:
        """Whether something due is left (a claim may have settled all it found on the spot)."""
        now = self._now()
        await self._find_due()
        return self._due is not None and self._due <= now and self.breaker.room(now, 1) > 0

    async def abandon(self) -> None:
        """Give up the calls under way: they are in doubt, and noted so if there is still time."""
        for call in self._calls:
            call.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                await asyncio.gather(*self._calls, return_exceptions=True)
        self._woken.set()

    # --- One turn -----------------------------------------------------------------------

    async def _turn(self, hurry: bool = False) -> float | None:
        """Settle and claim; how long until there is something to do, None: until woken."""
        async with self.turning:
            now = self._now()
            settled = list(self._returned)
            if self._judged:
                await self._judge_together()
            room = self._room(now, hurry)
            if room:
                await self._find_due()
            wanted = room if self._due is not None and self._due <= now else 0
            if settled and wanted and self._sharing.on:
                # Apart: what is settled holds up facts, and is not to wait for the turns of others.
                await self._exchange(now, settled, 0)
                settled = []
            if settled or wanted:
                await self._exchange(now, settled, wanted)
        if self._returned:
            return 0
        return self._pause(self._now())

    def _room(self, now: datetime, hurry: bool) -> int:
        if self._stopping:
            return 0
        free = max(0, min(BATCH, self.channel.limits.concurrency - len(self._calls)))
        if self._sharing.on:
            return 0 if self._rests_until is not None and now < self._rests_until else free
        return self._state.room(now, free, hurry=hurry)

    async def _find_due(self) -> None:
        if not self._look:
            return
        self._look = False
        async with self._store.read() as conn:
            self._due = await self._claims.next_due(conn)

    async def _exchange(self, now: datetime, settled: list[Settled], wanted: int) -> None:
        # Beside other processes, what they judge together says whether the channel is cut.
        cut, state = self.breaker.until, self._state.row(now)

        async def work(conn: AsyncConnection) -> tuple[bool, tuple[Claim, ...]]:
            recorded = False
            claims: tuple[Claim, ...] = ()
            if settled:
                recorded = await self._settling.settle(conn, settled)
                if not self._sharing.on and cut != self._noted:
                    await lanes.note_cut(conn, self.channel.name, state)
                crash_point("dispatch.before_settle_commit")
            if wanted:
                claims = tuple(await self._taken(conn, now, wanted))
            if claims and self.channel.limits.announced:
                for claim in claims:
                    self._book.taken(self._calling.attempt(claim))
            if claims:
                crash_point("dispatch.before_claim_commit")
            return recorded, claims

        began = asyncio.get_running_loop().time()
        try:
            recorded, claims = await self._store.transact(work)
        except _Outdated:
            self._rest_for(now, _POLL)
            self._sharing.outdated()
            return
        if settled:
            self._noted = False if self._sharing.on else cut
            crash_point("dispatch.after_settle_commit")
        if claims:
            crash_point("dispatch.after_claim_commit")
        for one in settled:
            self._book.settled(self._calling.attempt(one.claim))
        del self._returned[: len(settled)]
        self._took_last = asyncio.get_running_loop().time() - began
        # What was settled may be due again, and a claim may have left rows behind: one that took
        # all it could surely did, and the next need not ask.
        self._look = not wanted or len(claims) < wanted
        if recorded:
            self._recorded()
        if not self._sharing.on:
            self._took(claims, now)
        until = None if self._store.owner is None else self._clock.now() + self._lease
        for claim in claims:
            call = asyncio.create_task(self._call(claim, until))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    def _took(self, claims: Sequence[Claim], now: datetime) -> bool:
        return self._state.took(len(claims), sum(1 for claim in claims if not claim.ask), now)

    async def _taken(self, conn: AsyncConnection, now: datetime, wanted: int) -> Sequence[Claim]:
        """What is taken to leave now: beside other processes, what they leave of it."""
        if not self._sharing.on:
            return await self._claims.claim(conn, now, wanted)
        held = await self._hold(conn)
        now = from_micros(held.now)
        free = self.channel.limits.concurrency - held.under_way
        room = self._state.room(now, max(0, min(wanted, free)))
        claims = await self._claims.claim(conn, now, room) if room else ()
        if claims and self._took(claims, now):
            await lanes.save(conn, self.channel.name, self._state.row(now))
        if not self._sharing.knows(await lanes.last_publication(conn)):
            raise _Outdated
        # Having found nothing, others had it: to ask again at once would be to ask without end.
        self._rest_for(now, max(timedelta(0) if claims else _SOON, self._state.wait(now)))
        return claims

    async def _hold(self, conn: AsyncConnection) -> HeldLane:
        """Have the channel for this transaction, and know how all who send on it do."""
        held = await lanes.hold(conn, self.channel.name, LaneState(self.channel).row(self._now()))
        now = from_micros(held.now)
        self._later = now - self._clock.now()
        self._state.load(held.row, now)
        return held

    def _rest_for(self, now: datetime, span: timedelta) -> None:
        self._rests_until = now + min(span, _POLL)

    async def begin_sharing(self) -> None:
        """Go by the database's clock; let others know how the channel does here, if that is not well."""
        name, mine = self.channel.name, self._state
        async with self._store.write() as conn:
            held = await lanes.hold(conn, name, LaneState(self.channel).row(self._now()))
            now = from_micros(held.now)
            self._later = now - self._clock.now()
            mine.shift(self._later)
            if not mine.clean:
                await lanes.save(conn, name, mine.row(now))

    def end_sharing(self) -> None:
        """Go by one's own clock."""
        self._state.shift(-self._later)
        self._later, self._rests_until = timedelta(0), None

    async def _judge_together(self) -> None:
        """Have all lanes of the channel know what the provider made of messages."""
        judged, self._judged = self._judged, []
        if self._state.clean and all(LaneState.is_well(one) for one in judged):
            return

        async def work(conn: AsyncConnection) -> None:
            now = from_micros((await self._hold(conn)).now)
            for outcome in judged:
                self._state.judge(outcome, now)
            await lanes.save(conn, self.channel.name, self._state.row(now))

        await self._store.transact(work)

    def _pause(self, now: datetime) -> float | None:
        if self._stopping and not self._calls:
            return 0  # all is settled: `run` has nothing left to wait for
        if self._stopping or self.channel.limits.concurrency <= len(self._calls):
            return None
        if self._look:
            return 0 if self._room(now, hurry=False) else self._held(now)
        if self._due is None:
            return None
        return max(self._held(now), self._seconds(self._due - now))

    def _held(self, now: datetime) -> float:
        """How long the rate or the breaker, or the turns of others, still hold the lane back."""
        if self._sharing.on:
            return self._seconds((self._rests_until or now) - now)
        return self._seconds(self._state.wait(now))

    @staticmethod
    def _seconds(delay: timedelta) -> float:
        return max(0.0, min(delay, LONGEST_SLEEP).total_seconds())

    # --- One call -----------------------------------------------------------------------

    async def _call(self, claim: Claim, until: datetime | None) -> None:
        outcome: Outcome = Doubtful(STOPPED)
        asked = claim.ask
        try:
            outcome, asked = await self._calling.answer(claim, until)
        finally:
            now = self._clock.now()
            if self._sharing.on:
                self._judged.append(outcome)
            else:
                self._state.judge(outcome, self._now())
            self._returned.append(Settled(claim, outcome, now, asked))
            self._woken.set()
