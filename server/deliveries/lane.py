"""A lane: what was noted for one sink is handed over, with a breaker of its own.

Nothing is marked before a call: one that was under way when the process died is made again, under
the same key, which is what the receiver tells copies by.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Refused, Retry, Sent
from relance.errors import StoreUnavailable
from relance.host import Clock
from relance.sink import Delivery, Handed, Sink, SinkGone
from server.crash import crash_point
from server.deliveries import ledger
from server.deliveries.ledger import Attempted
from server.dispatch.breaker import Breaker, Circuit
from server.store import leads
from server.store.instants import from_micros
from server.store.store import Store

logger = logging.getLogger(__name__)

#: The longest sleep, against clocks that are set while we sleep.
_LONGEST_SLEEP = timedelta(seconds=30)
#: How long a lane rests when the store cannot be written.
_STORE_REST = 1.0

#: The key of the delivery of that number to that sink.
Keyed = Callable[[str, int], str]


class DeliveryLane:
    """Hands over what is due to one sink."""

    def __init__(self, store: Store, clock: Clock, sink: Sink, key: Keyed) -> None:
        self.sink = sink
        self.breaker = Breaker()
        self._store, self._clock = store, clock
        self._key = key
        self._woken = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look now: something was noted."""
        self._woken.set()

    def stop(self) -> None:
        """Take no more; `run` returns when the calls under way are settled."""
        self._stopping = True
        self._woken.set()

    @property
    def cut(self) -> str | None:
        """Why nothing is handed over for a while, when that is so."""
        open_ = self.breaker.state(self._clock.now()) is not Circuit.CLOSED
        return (self.breaker.reason or "sans réponse") if open_ else None

    async def run(self) -> None:
        """Hand over until stopped; failures of the store are waited out."""
        while not self._stopping:
            self._woken.clear()
            try:
                if not await self.turn():
                    await self._sleep()
            except StoreUnavailable as error:
                logger.error("appels de %s : rien ne peut être noté (%s)", self.sink.name, error)
                await asyncio.sleep(_STORE_REST)
            except Exception:
                logger.exception("appels de %s : suspendus un instant", self.sink.name)
                await asyncio.sleep(_STORE_REST)

    async def turn(self) -> int:
        """Hand over one part of what is due; how many."""
        now = self._clock.now()
        room = self.breaker.room(now, self.sink.concurrency)
        if not room:
            return 0
        async with self._store.read() as conn:
            rows = await ledger.due(conn, self.sink.name, now, room)
            asked = {row.lead_id for row in rows}
            known = await leads.known_of(conn, self._store.fields, asked) if asked else {}
        if not rows:
            return 0
        given = [
            ledger.delivery(row, self._key(self.sink.name, row.id), known.get(row.lead_id), now)
            for row in rows
        ]
        self.breaker.leave(len(rows), now)
        done = await asyncio.gather(
            *(self._attempt(row, one) for row, one in zip(rows, given, strict=True))
        )

        async def settle(conn: AsyncConnection) -> None:
            await ledger.settle(conn, self.sink.name, done)
            crash_point("deliveries.before_settle_commit")

        await self._store.transact(settle)
        return len(done)

    async def _attempt(self, row: Any, delivery: Delivery) -> Attempted:
        handed = await self._handed(delivery)
        now = self._clock.now()
        match handed:
            case Sent() | Refused() | SinkGone():
                self.breaker.succeeded()
            case Retry(reason):
                self.breaker.failed(now, reason)
        return Attempted(delivery, row.id, from_micros(row.due_at), handed, now)

    async def _handed(self, delivery: Delivery) -> Handed:
        try:
            async with asyncio.timeout(self.sink.timeout):
                return await self.sink.deliver(delivery)
        except TimeoutError:
            return Retry("le destinataire n’a pas répondu à temps")
        except Exception:
            logger.exception("appels de %s : échec d’un appel", self.sink.name)
            return Retry("l’extension a échoué pendant l’appel")

    async def _sleep(self) -> None:
        async with self._store.read() as conn:
            due = await ledger.next_due(conn, self.sink.name)
        seconds = _LONGEST_SLEEP.total_seconds()
        if due is not None:
            if self.breaker.until is not None:
                due = max(due, self.breaker.until)
            seconds = min(seconds, max((due - self._clock.now()).total_seconds(), 0.05))
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return
