"""The one door by which facts enter: all that waits is stored in one transaction, then answered.

A commit costs a disk flush whether it holds one form or five hundred; callers that come while one
is under way share the next.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import Problem, StoreUnavailable, Unacceptable
from relance.host import Clock, Incoming, Receipt
from relance.message_mark import MessageMark
from server.crash import crash_point
from server.engine.listening import Happening
from server.engine.own_events import LEAD_CREATED, LEAD_MERGED
from server.intake.identities import UnknownLead
from server.intake.incoming import Arrival, arrival
from server.intake.queue import IntakeQueue, WaitingFacts
from server.intake.recording import Contended, RecordedBatch, Stored, may_share, record
from server.probe import Probe
from server.store.contacts import DEFAULT_REGION
from server.store.fields import FieldCatalogue
from server.store.instants import Micros, now_micros
from server.store.store import Store

log = logging.getLogger("relance.intake")

#: Facts a transaction holds.
MAX_BATCH = 500
#: Turns of the event loop that bring nobody, after which those who came are stored: some
#: microseconds, where a commit for a single form while thirty are on their way costs hundreds.
_QUIET = 4


class Intake:
    """Stores facts durably, many callers to a commit."""

    def __init__(self, store: Store, clock: Clock, region: str = DEFAULT_REGION) -> None:
        self._store = store
        self._clock = clock
        self._region = region
        #: What waits for its commit.
        self.queue = IntakeQueue()
        #: Those being stored.
        self._storing: Sequence[WaitingFacts] = ()
        #: Set, and another one in its place, when they are stored, refused or called off.
        self._moved = asyncio.Event()
        self._flusher: asyncio.Task[None] | None = None
        #: Called after each commit that left the engine something to do, to wake it.
        self.on_commit: Callable[[], None] = _nothing
        #: Whether other processes may store too: alone, nothing is to be held against them.
        self.beside: Callable[[], bool] = _nobody
        #: Whether such an event concerns the engine, asked inside the transaction that stores it.
        self.hears: Callable[[Happening], bool] = _heard
        #: Times each commit.
        self.probe = Probe()
        #: What types of events tell of messages.
        self.marks: Mapping[str, MessageMark] = {}

    @property
    def fields(self) -> FieldCatalogue:
        """The fields a lead can have."""
        return self._store.fields

    async def record(self, incoming: Sequence[Incoming]) -> Sequence[Receipt]:
        """Store facts; they are durable when this returns.

        Raises `Unacceptable` (nothing stored), `IntakeFull` or another `StoreUnavailable`. A fact
        whose key was used for something else is not stored: its receipt says `conflict`.
        """
        if not incoming:
            return []
        mine = self.bring(incoming)
        try:
            # A caller that goes away does not take the others' transaction with it.
            return await mine.answer
        except asyncio.CancelledError:
            self.queue.leave(mine)
            raise

    def bring(self, incoming: Sequence[Incoming]) -> WaitingFacts:
        """`record` for who has no task: what its `answer` will hold, or raise; `leave` calls it off."""
        at = now_micros(self._clock)
        mine = self.queue.put(at, self._ready(incoming, at))
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush(), name="relance-intake")
        return mine

    def leave(self, mine: WaitingFacts) -> None:
        """Nobody waits for these any more."""
        mine.answer.cancel()
        self.queue.leave(mine)

    async def write(
        self, conn: AsyncConnection, incoming: Sequence[Incoming], by: str = ""
    ) -> Sequence[Receipt]:
        """Store facts in the caller's own writing transaction (the caller wakes the engine).

        `by`: who of the team says them, which the events of what changed tell. Raises
        `Unacceptable`: of a lead that is not there, once the others are written.
        """
        return _receipts(await self._write(conn, incoming, by))

    async def tell(self, conn: AsyncConnection, incoming: Sequence[Incoming]) -> None:
        """Like `write`, of what has happened already: what concerns no lead any more is let go.

        Raises `Unacceptable` before anything is written.
        """
        await self._write(conn, incoming)

    async def _write(
        self, conn: AsyncConnection, incoming: Sequence[Incoming], by: str = ""
    ) -> Sequence[Stored]:
        now = now_micros(self._clock)
        ready = self._ready(incoming)
        return (await record(conn, self._store, ready, now, self.hears, self.marks, by)).answers

    def oldest(self) -> Micros | None:
        """When the oldest fact that is not stored yet was brought; None: all is stored."""
        first = self._storing[0] if self._storing else self.queue.oldest()
        return first.at if first is not None else None

    async def passed(self) -> None:
        """Wait until all that was brought before this call is stored or refused."""
        brought = {*self._storing, *self.queue.brought}
        while not brought.isdisjoint((*self._storing, *self.queue.brought)):
            await self._moved.wait()

    async def drain(self) -> None:
        """Wait until all that was brought is stored or refused."""
        while self._flusher is not None:
            await asyncio.shield(self._flusher)

    def _ready(self, incoming: Sequence[Incoming], at: Micros | None = None) -> list[Arrival]:
        """Check each fact; of several, the problems say which it is about."""
        ready, problems = [], []
        for index, item in enumerate(incoming):
            try:
                ready.append(arrival(item, self._store.fields, self._region, at))
            except Unacceptable as error:
                if len(incoming) == 1:
                    raise
                problems += [Problem(f"/{index}{p.pointer}", p.message) for p in error.problems]
        if problems:
            raise Unacceptable(problems)
        return ready

    async def _flush(self) -> None:
        try:
            while self.queue:
                await self._crowd()
                self._storing = self._take()
                if self._storing:
                    await self._store_batch(self._storing)
                self._past()
        finally:
            self._flusher = None
            self._past()

    def _past(self) -> None:
        """What was being stored is: those who wait for it look again."""
        self._storing = ()
        self._moved.set()
        self._moved = asyncio.Event()

    async def _crowd(self) -> None:
        """Let those at the door come in: what they bring shares this commit."""
        quiet = 0
        while quiet < _QUIET and self.queue.facts < MAX_BATCH:
            count = self.queue.facts
            await asyncio.sleep(0)
            quiet = quiet + 1 if self.queue.facts == count else 0

    def _take(self) -> list[WaitingFacts]:
        # Of those whose caller was told to come again, nothing is stored.
        return [one for one in self.queue.take(MAX_BATCH) if not one.answer.cancelled()]

    async def _store_batch(self, taken: Sequence[WaitingFacts]) -> None:
        try:
            await self._commit(taken)
        except StoreUnavailable as error:
            _fail(taken, error)
        except Exception as error:
            if len(taken) == 1:
                log.exception("un envoi n’a pas pu être enregistré")
                _fail(taken, error)
                return
            # One of them is at fault: alone, each fails or succeeds by itself.
            for one in taken:
                await self._store_batch([one])
        except BaseException as error:
            _fail(taken, StoreUnavailable("the server is stopping"))
            raise error

    async def _commit(self, taken: Sequence[WaitingFacts]) -> None:
        arrivals = [item for waiting in taken for item in waiting.arrivals]
        now = now_micros(self._clock)

        async def work(conn: AsyncConnection, *, shared: bool = False) -> RecordedBatch:
            recorded = await record(
                conn, self._store, arrivals, now, self.hears, self.marks, shared=shared
            )
            crash_point("intake.before_commit")
            return recorded

        with self.probe.group(len(arrivals)):
            stored, pending = await self._stored(work, shared=may_share(arrivals))
        crash_point("intake.after_commit")
        start = 0
        for waiting in taken:
            end = start + len(waiting.arrivals)
            if not waiting.answer.done():
                _answer(waiting.answer, stored[start:end])
            start = end
        if pending:
            self.on_commit()

    async def _stored(
        self, work: Callable[..., Awaitable[RecordedBatch]], *, shared: bool
    ) -> RecordedBatch:
        """Beside other processes where several may write, unless two say the same at once."""
        if shared and self.beside() and self._store.dialect == "postgresql":
            with suppress(Contended, IntegrityError):
                return await self._store.transact(partial(work, shared=True))
        return await self._store.transact(work, pressing=True)


def _nobody() -> bool:
    """No other process is known of."""
    return False


def _nothing() -> None:
    """Nobody to wake yet."""


def _heard(event: Happening) -> bool:
    """Nobody to ask yet: the engine will see. That a lead is new, or two one, goes without
    saying."""
    return event.type not in (LEAD_CREATED, LEAD_MERGED)


def anything(_event: Happening) -> bool:
    """Whoever is to be asked is not known yet: all is kept for them."""
    return True


def _fail(taken: Sequence[WaitingFacts], error: BaseException) -> None:
    for waiting in taken:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)


def _answer(answer: "asyncio.Future[Sequence[Receipt]]", stored: Sequence[Stored]) -> None:
    try:
        answer.set_result(_receipts(stored))
    except Unacceptable as error:
        answer.set_exception(error)


def _receipts(stored: Sequence[Stored]) -> Sequence[Receipt]:
    unknown = [answer for answer in stored if isinstance(answer, UnknownLead)]
    if unknown:
        raise Unacceptable([Problem("/lead", "Ce lead n’existe pas.")])
    return [answer for answer in stored if isinstance(answer, Receipt)]
