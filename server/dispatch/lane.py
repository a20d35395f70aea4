"""A lane: the dispatch of one channel, with its own rate, concurrency and circuit breaker.

Lanes share nothing but the database, so a slow or dead channel holds back no other. One
transaction settles what came back and claims what leaves next; a claim is never larger than
the number of calls that can begin at once, so that « being sent » means just that.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Channel, Doubtful, Outcome, Refused, Retry, Sent
from relance.errors import StoreUnavailable
from relance.host import Clock
from server.crash import crash_point
from server.dispatch.book import Book, attempt_of
from server.dispatch.breaker import Breaker, Circuit
from server.dispatch.claim import Claim, Settled
from server.dispatch.claims import Claims
from server.dispatch.rate import TokenBucket
from server.dispatch.settling import Record, Settling
from server.dispatch.terms import USUAL, Terms
from server.store.store import Store

logger = logging.getLogger(__name__)

#: Rows one transaction may claim at most.
BATCH = 100
#: The longest sleep, against clocks that are set while we sleep.
LONGEST_SLEEP = timedelta(seconds=30)
#: How long a lane rests when the store cannot be written.
STORE_REST = 1.0
#: How long the bookkeeping of stopped calls may take.
LAST_WORDS = 1.0

TOO_LONG = "l’expéditeur n’a pas répondu à temps"
STOPPED = "le serveur s’est arrêté pendant l’envoi"
BROKEN = "l’extension a échoué pendant l’envoi"


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
    ) -> None:
        self.channel = channel
        self.breaker = Breaker()
        self._store = store
        self._clock = clock
        self._claims = Claims(store, channel, terms)
        self._settling = Settling(channel, record)
        self._recorded = recorded
        self._book = book or Book()
        self._bucket = TokenBucket(channel.limits.per_second)
        self._calls: set[asyncio.Task[None]] = set()
        self._returned: list[Settled] = []
        self._due: datetime | None = None
        self._look = True
        self._stopping = False
        self._woken = asyncio.Event()

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
        circuit = self.breaker.state(self._clock.now())
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
                pause = await self._turn()
            except StoreUnavailable as error:
                logger.error("canal %s : rien ne peut être noté (%s)", self.channel.name, error)
                pause = await self._rest()
            except Exception:
                logger.exception("canal %s : l’envoi est suspendu un instant", self.channel.name)
                pause = await self._rest()
            if pause is None or pause > 0:
                await self._sleep(pause)

    async def _sleep(self, pause: float | None) -> None:
        longest = LONGEST_SLEEP.total_seconds()
        try:
            await asyncio.wait_for(self._woken.wait(), longest if pause is None else pause)
        except TimeoutError:
            # Another process may have filled the outbox: having slept long, look again.
            self._look = self._look or pause is None

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
        now = self._clock.now()
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
        now = self._clock.now()
        settled = list(self._returned)
        room = self._room(now, hurry)
        if room:
            await self._find_due()
        wanted = room if self._due is not None and self._due <= now else 0
        if settled or wanted:
            await self._exchange(now, settled, wanted)
        if self._returned:
            return 0
        return self._pause(self._clock.now())

    def _room(self, now: datetime, hurry: bool) -> int:
        if self._stopping:
            return 0
        free = min(BATCH, self.channel.limits.concurrency - len(self._calls))
        free = self.breaker.room(now, max(0, free))
        return free if hurry else self._bucket.room(now, free)

    async def _find_due(self) -> None:
        if not self._look:
            return
        self._look = False
        async with self._store.read() as conn:
            self._due = await self._claims.next_due(conn)

    async def _exchange(self, now: datetime, settled: list[Settled], wanted: int) -> None:
        async def work(conn: AsyncConnection) -> tuple[bool, tuple[Claim, ...]]:
            recorded = False
            claims: tuple[Claim, ...] = ()
            if settled:
                recorded = await self._settling.settle(conn, settled)
                crash_point("dispatch.before_settle_commit")
            if wanted:
                claims = tuple(await self._claims.claim(conn, now, wanted))
            if claims and self.channel.limits.announced:
                for claim in claims:
                    self._book.taken(self._attempt(claim))
            if claims:
                crash_point("dispatch.before_claim_commit")
            return recorded, claims

        recorded, claims = await self._store.transact(work)
        if settled:
            crash_point("dispatch.after_settle_commit")
        if claims:
            crash_point("dispatch.after_claim_commit")
        for one in settled:
            self._book.settled(self._attempt(one.claim))
        del self._returned[: len(settled)]
        # What was settled may be due again, and a claim may have left rows behind.
        self._look = True
        if recorded:
            self._recorded()
        sends = sum(1 for claim in claims if not claim.ask)
        self._bucket.take(sends)
        self.breaker.leave(len(claims), now)
        for claim in claims:
            call = asyncio.create_task(self._call(claim))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    def _pause(self, now: datetime) -> float | None:
        if self._stopping and not self._calls:
            return 0  # all is settled: `run` has nothing left to wait for
        if self._stopping or self.channel.limits.concurrency <= len(self._calls):
            return None
        if self._look:
            return (
                0 if self._room(now, hurry=True) and self._bucket.room(now, 1) else self._held(now)
            )
        if self._due is None:
            return None
        return max(self._held(now), self._seconds(self._due - now))

    def _held(self, now: datetime) -> float:
        """How long the rate or the breaker still holds the lane back."""
        if self.breaker.until is not None and self.breaker.room(now, 1) == 0:
            return self._seconds(max(self.breaker.until - now, timedelta(seconds=1)))
        return self._seconds(self._bucket.wait(now))

    @staticmethod
    def _seconds(delay: timedelta) -> float:
        return max(0.0, min(delay, LONGEST_SLEEP).total_seconds())

    # --- One call -----------------------------------------------------------------------

    async def _call(self, claim: Claim) -> None:
        outcome: Outcome = Doubtful(STOPPED)
        asked = claim.ask
        try:
            outcome, asked = await self._answer(claim)
        finally:
            now = self._clock.now()
            self._judge(outcome, now)
            self._returned.append(Settled(claim, outcome, now, asked))
            self._woken.set()

    async def _answer(self, claim: Claim) -> tuple[Outcome, bool]:
        try:
            async with asyncio.timeout(self.channel.limits.timeout):
                if claim.ask:
                    found = await self.channel.lookup(claim.message.key)
                    return found or Doubtful("le fournisseur ne sait pas"), True
                return await self._sent(claim), False
        except TimeoutError:
            return Doubtful(TOO_LONG), claim.ask
        except Exception:
            logger.exception("canal %s : échec d’un envoi", self.channel.name)
            return Doubtful(BROKEN), claim.ask

    async def _sent(self, claim: Claim) -> Outcome:
        """Hand a message over; the answer is noted before this connection sends another."""
        attempt = self._attempt(claim)
        message = replace(claim.message, leaving=partial(self._book.leaving, attempt))
        crash_point("dispatch.before_send")
        outcome = await self.channel.send(message)
        crash_point("dispatch.after_send")
        self._book.answered(attempt, outcome, self._clock.now())
        crash_point("dispatch.after_answer_noted")
        return outcome

    def _attempt(self, claim: Claim) -> str:
        return attempt_of(self.channel.name, claim.message.key, claim.message.attempt)

    def _judge(self, outcome: Outcome, now: datetime) -> None:
        match outcome:
            case Sent() | Refused():
                self.breaker.succeeded()
            case Retry(ours=True):
                self.breaker.spared()
            case Retry(reason) | Doubtful(reason):
                self.breaker.failed(now, reason)
