"""The server's own import: files left by the command, brought in between two forms."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from relance.channel_type import ChannelType
from relance.errors import RelanceError, StoreUnavailable
from relance.host import Clock
from server.imports import ledger, spool
from server.imports.opening import open_sheet
from server.imports.order import ImportOrder
from server.imports.people import People
from server.imports.run import BESIDE, Import, Progress
from server.imports.upsert import UpsertTally
from server.store.dynamic import dynamic_keys
from server.store.instants import now_micros
from server.store.store import Store

log = logging.getLogger("relance.imports")

EVERY_SECONDS = 1.0
_UNEXPECTED = (
    "Une erreur imprévue a arrêté l’importation ; elle est notée dans le journal du serveur."
)


class Imports:
    """Brings files of leads into the store, in the server or in the command when there is none."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        region: str,
        channels: Sequence[ChannelType] = (),
        *,
        settled: Callable[[], Awaitable[None]],
        wake: Callable[[], None],
    ) -> None:
        self._store, self._clock, self._region = store, clock, region
        self._channels = channels
        self._settled, self._wake = settled, wake

    async def bring(
        self,
        path: Path,
        name: str,
        mark: str,
        order: ImportOrder,
        *,
        batch: int,
        report: Callable[[Progress], None] = lambda _: None,
    ) -> UpsertTally:
        """Bring one file in; a file that cannot be read fails with a sentence, kept."""
        try:
            return await self._bring(path, name, mark, order, batch, report)
        except StoreUnavailable:
            raise  # no fault of the file's: it is taken up again where it was
        except RelanceError as error:
            await self._failed(mark, name, str(error))
            raise

    async def _failed(self, mark: str, name: str, problem: str) -> None:
        async with self._store.write() as conn:
            now = now_micros(self._clock)
            await ledger.begin(conn, mark, name, now)
            await ledger.fail(conn, mark, problem, now)

    async def _bring(
        self,
        path: Path,
        name: str,
        mark: str,
        order: ImportOrder,
        batch: int,
        report: Callable[[Progress], None],
    ) -> UpsertTally:
        sheet = await asyncio.to_thread(open_sheet, path)
        try:
            async with self._store.read() as conn:
                dynamic = await dynamic_keys(conn)
            fields, names = self._store.fields, sheet.heading.names
            people = People(names, fields, order, self._region, dynamic, self._channels)
            work = Import(self._store, self._clock, sheet, people, heard=order.heard, batch=batch)
            work.on_work = self._wake
            async with self._store.write() as conn:
                await ledger.begin(conn, mark, name, now_micros(self._clock))
                await ledger.head(conn, mark, names)
            tally = await work.run(mark, name, report)
        except StoreUnavailable:
            raise
        except Exception:
            # What came before the fault is there all the same.
            await self._end(order)
            raise
        finally:
            sheet.close()
        await self._end(order)
        return tally

    async def _end(self, order: ImportOrder) -> None:
        if not order.heard:
            await self._settled()
        self._wake()

    async def forget(self, mark: str) -> None:
        """Have a file taken from its beginning again."""
        async with self._store.write() as conn:
            await ledger.forget(conn, mark)

    async def run(self, project: Path) -> None:
        """Bring in what is left in the project, until cancelled."""
        while True:
            for one in await asyncio.to_thread(lambda: list(spool.left(project))):
                await self._take(one)
            await asyncio.sleep(EVERY_SECONDS)

    async def _take(self, one: spool.Left) -> None:
        if one.anew:
            await self.forget(one.mark)
            spool.started_over(one)
        try:
            tally = await self.bring(one.path, one.name, one.mark, one.order, batch=BESIDE)
            log.info("importation de « %s » : %d ligne(s)", one.name, tally.rows)
        except StoreUnavailable:
            raise
        except RelanceError as error:
            log.warning("importation de « %s » : %s", one.name, error)
        except Exception:
            # Whatever it is, the files behind this one must not wait for it for ever.
            log.exception("importation de « %s » : erreur imprévue", one.name)
            await self._failed(one.mark, one.name, _UNEXPECTED)
        spool.settle(one.folder)
