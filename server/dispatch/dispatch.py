"""The dispatch: hands the outbox to the channels, one lane each, and stores what they answer."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Channel
from relance.errors import StoreUnavailable
from relance.host import Clock, Incoming
from server.dispatch import mailbox
from server.dispatch.book import Book
from server.dispatch.breaker import Circuit
from server.dispatch.interrupted import Interrupted
from server.dispatch.lane import Lane, LaneStatus
from server.dispatch.sharing import SharedSending
from server.dispatch.terms import USUAL, Terms
from server.store import lanes
from server.store.instants import from_micros
from server.store.store import Store

logger = logging.getLogger(__name__)

#: How long the calls under way may take to end when the server stops.
GRACE = 4.0
#: How often what other processes left is looked for, in seconds.
_LOOKED_FOR = 2.0


class Recorder(Protocol):
    """What is told when new events stand in the store: the intake."""

    on_commit: Callable[[], None]

    async def tell(self, conn: AsyncConnection, incoming: Sequence[Incoming]) -> None:
        """Store what has happened in the caller's own writing transaction."""


class Dispatch:
    """Sends what the engine puts in the outbox."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        channels: Sequence[Channel],
        intake: Recorder,
        terms: Terms = USUAL,
        book: Book | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._intake = intake
        self._channels = tuple(channels)
        self._book = book = book or Book()
        self._interrupted = Interrupted(
            store, channels, intake.tell, lambda process: book.of(process).read()
        )
        #: Whether other processes send too.
        self.sharing = SharedSending()
        self._lanes = [
            Lane(store, clock, channel, intake.tell, self._recorded, terms, book, self.sharing)
            for channel in channels
        ]

    def _recorded(self) -> None:
        self._intake.on_commit()

    def wake(self) -> None:
        """Look at the outbox now; called after each commit that added to it."""
        for lane in self._lanes:
            lane.wake()

    def status(self) -> Sequence[LaneStatus]:
        """How each channel is doing."""
        return [lane.status() for lane in self._lanes]

    def cut(self) -> Mapping[str, str]:
        """The channels that are cut for a while, and why."""
        return {
            status.channel: status.reason or "sans réponse"
            for status in self.status()
            if status.circuit is not Circuit.CLOSED
        }

    async def recover(self) -> int:
        """Settle what a dead process was sending, and begin the book anew; before `run`.

        What its channel had accepted is sent, what had not begun to leave waits again, the rest is
        doubted, by its channel’s policy: how many those are.
        """
        count = await self._interrupted.at_start(self._clock.now())
        self._book.begin()
        if count:
            logger.warning("%d envois incertains après un arrêt brutal", count)
        return count

    async def have_beside(self, others: bool) -> None:
        """Know whether other processes send too; once this returns, it is done as they do."""
        async with AsyncExitStack() as turns:
            for lane in self._lanes:
                await turns.enter_async_context(lane.turning)
            for lane in self._lanes if others is not self.sharing.on else ():
                if others:
                    await lane.begin_sharing()
                else:
                    lane.end_sharing()
            self.sharing.on = others
        await self.take_back()

    async def take_back(self) -> None:
        """Have what others left, or keep for too long, sent or settled."""
        async with self._store.read() as conn:
            now = from_micros(await lanes.clock(conn))
        if count := await self._interrupted.now_and_then(now):
            logger.warning("%d envois incertains d’un autre processus", count)
        self.wake()

    async def _look_for_what_is_left(self) -> None:
        while True:
            await asyncio.sleep(_LOOKED_FOR)
            if self.sharing.on:
                try:
                    await self.take_back()
                except StoreUnavailable as error:
                    logger.info("ce que d’autres processus ont laissé attend (%s)", error)

    async def next_due(self) -> datetime | None:
        """When the next message is due, on any channel."""
        found = [await lane.next_due() for lane in self._lanes]
        return min((due for due in found if due is not None), default=None)

    async def drain(self) -> bool:
        """Send all that is due now, whatever the rate; True if anything left. Not beside `run`."""
        return any([await lane.flush() for lane in self._lanes])

    async def run(self) -> None:
        """Send until cancelled; then let the calls under way end, within `GRACE`."""
        # Asked for in the transaction that takes the first message: forms would wait for it.
        await asyncio.to_thread(mailbox.suffixes)
        running = [asyncio.create_task(lane.run()) for lane in self._lanes]
        looking = asyncio.create_task(self._look_for_what_is_left())
        try:
            if running:  # `wait`, not `gather`: our end must not cancel them
                await asyncio.wait(running)
            await asyncio.Event().wait()  # no lane ends by itself; without any, nothing to do
        finally:
            looking.cancel()
            await asyncio.shield(asyncio.create_task(self._finish(running)))

    async def _finish(self, running: Sequence[asyncio.Task[None]]) -> None:
        """Lanes are asked to stop, never cancelled in the middle of a transaction."""
        for lane in self._lanes:
            lane.stop()
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=GRACE)
        if late:
            await asyncio.gather(*(lane.abandon() for lane in self._lanes))
            await asyncio.wait(late, timeout=GRACE / 2)
        for task in running:
            task.cancel()

    async def close(self) -> None:
        """Let the channels go; once, after `run`."""
        self._book.close()
        for channel in self._channels:
            try:
                await channel.close()
            except Exception:
                logger.exception("canal %s : fermeture manquée", channel.name)
