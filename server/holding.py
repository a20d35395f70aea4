"""Notes of plugins held until they can be judged with what followed (`Host.hold`).

A visit of a link, say, is told from a machine's by what comes seconds later, restarts included. A
note is durable once held; what its holder makes of it is recorded in the transaction that forgets
it, so that it counts once.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import Unacceptable
from relance.host import Clock, Held, Holder, Incoming
from server.intake.intake import Intake
from server.store.instants import from_micros, to_micros
from server.store.leftovers import NOBODY
from server.store.schema.events import held, receipts
from server.store.store import Store

log = logging.getLogger("relance.server")

#: Groups handed over in a row before others may write.
_AT_ONCE = 200
#: Notes of a group judged together; a flood of them is judged in several parts.
_MOST_NOTES = 1_000
_LONGEST_KEY = 255
#: The longest sleep, against clocks that are set while we sleep.
_LONGEST_SLEEP = 60.0
#: A holder that fails is asked again after that long.
_AGAIN = timedelta(minutes=5)


#: The source of the receipts of notes: one that is tried, then replayed, is held once.
_SOURCE = "relance.notes"


@dataclass(frozen=True, slots=True)
class HeldNote:
    """A note to hold; `key` makes it the same note however often it comes."""

    purpose: str
    group: str
    text: str
    at: datetime
    until: datetime
    key: str


class Holding:
    """Keeps the notes; `run` hands them over in time."""

    def __init__(self, store: Store, clock: Clock, intake: Intake) -> None:
        self._store, self._clock, self._intake = store, clock, intake
        self._woken = asyncio.Event()
        self._waiting: list[tuple[HeldNote, asyncio.Future[None]]] = []
        self._flusher: asyncio.Task[None] | None = None
        self.holders: Mapping[str, Holder] = {}

    async def hold(self, purpose: str, group: str, text: str, until: datetime) -> None:
        """Keep a note until then."""
        now = self._clock.now()
        await self.keep(HeldNote(purpose, group, text, now, until, secrets.token_hex(16)))

    async def keep(self, note: HeldNote) -> None:
        """Keep a note, durable when this returns; those that come together share a transaction.

        One whose caller went away before its transaction began is not kept.
        """
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((note, answer))
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush(), name="relance-notes")
        await answer

    async def _flush(self) -> None:
        try:
            while self._waiting:
                taken = [one for one in self._waiting[:_AT_ONCE] if not one[1].cancelled()]
                del self._waiting[:_AT_ONCE]
                error = await self._kept([note for note, _ in taken])
                for _, answer in taken:
                    if answer.done():
                        continue
                    if error is None:
                        answer.set_result(None)
                    else:
                        answer.set_exception(error)
        finally:
            self._flusher = None

    async def _kept(self, notes: Sequence[HeldNote]) -> Exception | None:
        """Keep them all; or what kept that from being done."""
        try:
            await self._store.transact(lambda conn: self._insert(conn, notes), pressing=True)
        except Exception as error:
            return error
        self.wake()
        return None

    async def _insert(self, conn: AsyncConnection, notes: Sequence[HeldNote]) -> None:
        by_key = {note.key: note for note in notes}
        query = select(receipts.c.key).where(
            receipts.c.source == _SOURCE, receipts.c.key.in_(list(by_key))
        )
        known = set((await conn.execute(query)).scalars())
        new = [note for key, note in by_key.items() if key not in known]
        if not new:
            return
        now = to_micros(self._clock.now())
        common = {"source": _SOURCE, "lead_id": NOBODY, "received_at": now}
        await conn.execute(insert(receipts), [{**common, "key": note.key} for note in new])
        await conn.execute(insert(held), [_row(note) for note in new])

    def wake(self) -> None:
        """Look at the notes now: one came, or the clock was set."""
        self._woken.set()

    async def next_due(self) -> datetime | None:
        """When the next note is due."""
        query = select(func.min(held.c.due_at)).where(held.c.purpose.in_(sorted(self.holders)))
        async with self._store.read() as conn:
            found = await conn.scalar(query)
        return None if found is None else from_micros(found)

    async def run(self) -> None:
        """Hand notes over in time, until cancelled."""
        while True:
            self._woken.clear()
            await self.settle()
            due = await self.next_due()
            wait = _LONGEST_SLEEP
            if due is not None:
                left = (due - self._clock.now()).total_seconds()
                wait = min(max(left, 0.01), _LONGEST_SLEEP)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), wait)

    async def settle(self) -> int:
        """Hand over all that is due now; how many groups."""
        count = 0
        while groups := await self._due():
            for purpose, group in groups:
                await self._hand_over(purpose, group)
            count += len(groups)
        return count

    async def _due(self) -> Sequence[tuple[str, str]]:
        query = (
            select(held.c.purpose, held.c.group_key)
            .distinct()
            .where(
                held.c.purpose.in_(sorted(self.holders)),
                held.c.due_at <= to_micros(self._clock.now()),
            )
            .limit(_AT_ONCE)
        )
        async with self._store.read() as conn:
            return [(row.purpose, row.group_key) for row in await conn.execute(query)]

    async def _hand_over(self, purpose: str, group: str) -> None:
        here = (held.c.purpose == purpose, held.c.group_key == group)
        async with self._store.read() as conn:
            query = select(held).where(*here).order_by(held.c.id).limit(_MOST_NOTES)
            rows = (await conn.execute(query)).all()
        if not rows:
            return
        notes = [Held(group, row.text, from_micros(row.at)) for row in rows]
        try:
            facts = await self.holders[purpose](notes)
        except Exception:
            log.exception("les notes « %s » n’ont pas pu être jugées ; nouvel essai", purpose)
            later = to_micros(self._clock.now() + _AGAIN)
            async with self._store.write() as conn:
                await conn.execute(update(held).where(*here).values(due_at=later))
            return
        async with self._store.write() as conn:
            for fact in facts:
                await self._record(conn, fact)
            await conn.execute(delete(held).where(*here, held.c.id <= rows[-1].id))
        if facts:
            self._intake.on_commit()

    async def _record(self, conn: AsyncConnection, fact: Incoming) -> None:
        try:
            await self._intake.write(conn, [fact])
        except Unacceptable as error:
            # The lead is gone, or the fact will never do: nobody can mend it any more.
            log.warning("une note n’a pas été retenue : %s", error)


def _row(note: HeldNote) -> dict[str, object]:
    return {
        "purpose": note.purpose,
        "group_key": note.group[:_LONGEST_KEY],
        "text": note.text,
        "at": to_micros(note.at),
        "due_at": to_micros(note.until),
    }
