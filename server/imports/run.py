"""An import from its first row to its last, by batches, each of them one transaction.

What a batch did and how far the file was read are one commit: killed at any instant, the import
goes on after the last row settled, and no row counts twice.
"""

import asyncio
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.host import Clock
from server.crash import crash_point
from server.imports import ledger
from server.imports.people import ImportedPerson, People, Reject, refused
from server.imports.sheet import Sheet, SheetRow
from server.imports.upsert import Ground, UpsertPlan, UpsertTally, plan
from server.imports.upsert_rows import carry_out
from server.store import leads
from server.store.forgotten import ROW_FORGOTTEN
from server.store.instants import now_micros
from server.store.store import Store

#: Rows a transaction: large when nobody else waits for the writer, small beside a server at work.
ALONE, BESIDE = 10_000, 500
#: How many objects are made before Python looks for circles among them.
_SELDOM = 50_000, 20, 50


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is."""

    row: int
    share: float
    tally: UpsertTally


@dataclass(frozen=True, slots=True)
class TakenRows:
    """The next rows of the file, read."""

    people: Sequence[ImportedPerson]
    rejects: Sequence[Reject]
    #: The rows by line, where some may be refused once the base was asked.
    rows: Mapping[int, SheetRow]
    share: float

    @property
    def count(self) -> int:
        """How many rows."""
        return len(self.people) + len(self.rejects)


class FileReading:
    """A file read as people, a batch at a time, in a thread of its own."""

    def __init__(self, sheet: Sheet, people: People) -> None:
        self._sheet = sheet
        self._people = people
        self._rows: Iterator[SheetRow] = sheet.rows()

    async def skip(self, count: int) -> None:
        """Pass over rows settled before."""
        await asyncio.to_thread(_drop, self._rows, count)

    async def take(self, most: int) -> TakenRows:
        """The next rows; none at the end of the file."""
        return await asyncio.to_thread(self._take, most)

    def _take(self, most: int) -> TakenRows:
        rows = list(islice(self._rows, most))
        people, rejects = self._people.read(rows)
        kept = {row.line: row for row in rows} if self._people.own_key is not None else {}
        return TakenRows(people, rejects, kept, self._sheet.share())


def _drop(rows: Iterator[SheetRow], count: int) -> None:
    for _ in islice(rows, count):
        pass


def explained(ground: Ground, planned: UpsertPlan, taken: TakenRows) -> Sequence[Reject]:
    """All that is refused of a batch, with the cells of what the base refused."""
    late = [
        one if one.reason == ROW_FORGOTTEN else refused(taken.rows[one.line], one.reason)
        for one in planned.rejects
    ]
    return ground.hushed([*taken.rejects, *late])


@contextmanager
def seldom_collected() -> Iterator[None]:
    """For a process that does nothing else, and ends soon after: what it has loaded stays, and rows make
    no circles, so that Python seldom looks for any. A third of the time went to that.

    A server brings files in without it: what is frozen here is never given back.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class Import:
    """Brings a file of leads into the store."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        sheet: Sheet,
        people: People,
        *,
        heard: bool = False,
        batch: int = ALONE,
    ) -> None:
        self._store = store
        self._clock = clock
        self._reading = FileReading(sheet, people)
        self._ground = Ground(
            store.fields,
            people.columns,
            people.own_key,
            store.forgotten,
            people.region,
            people.consent,
        )
        self._heard = heard
        self._batch = batch
        #: Called after each commit that left the engine something to do.
        self.on_work: Callable[[], None] = lambda: None

    async def run(
        self, mark: str, name: str, report: Callable[[Progress], None] = lambda _: None
    ) -> UpsertTally:
        """Bring in what is left of the file; what became of all of its rows, resumed or not."""
        async with self._store.write() as conn:
            progress = await ledger.begin(conn, mark, name, now_micros(self._clock))
        tally, row = progress.tally, progress.row
        if progress.state == ledger.DONE:
            return tally
        await self._reading.skip(row)
        taken = await self._reading.take(self._batch)
        while taken.count:
            # The next rows are read while these are written.
            next_batch = asyncio.ensure_future(self._reading.take(self._batch))
            try:
                row += taken.count
                tally = await self._settle(progress.id, row, tally, taken)
                report(Progress(row, taken.share, tally))
            except BaseException:
                next_batch.cancel()
                raise
            taken = await next_batch
        async with self._store.write() as conn:
            await ledger.finish(conn, progress.id, now_micros(self._clock))
        return tally

    async def _settle(
        self, number: int, row: int, before: UpsertTally, taken: TakenRows
    ) -> UpsertTally:
        now = now_micros(self._clock)

        async def work(conn: AsyncConnection) -> tuple[UpsertTally, bool]:
            await leads.serialize_intake(conn)
            planned = await plan(conn, self._ground, taken.people, now)
            counted = planned.tally()
            counted.rejected += len(taken.rejects)
            counted.add(before)
            worked = await carry_out(conn, self._ground, self._store.ids, planned, now, self._heard)
            rejects = explained(self._ground, planned, taken)
            await ledger.advance(conn, number, row, taken.share, counted, rejects)
            crash_point("import.before_commit")
            return counted, worked

        tally, worked = await self._store.transact(work)
        crash_point("import.after_commit")
        if worked:
            self.on_work()
        return tally
