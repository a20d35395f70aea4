"""Watching an import that the server does, from beside it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from server.imports import ledger
from server.imports.run import Progress
from server.imports.trial import Read
from server.imports.upsert import UpsertTally

_EVERY = 0.2
#: A server that takes nothing in this time serves another folder.
PATIENCE = 20.0


class NobodyTakes(Exception):
    """No server took the file."""


class Ended(Exception):
    """The import failed; the message is French."""


async def follow(
    read: Read,
    mark: str,
    folder: Path,
    report: Callable[[Progress], None],
    patience: float = PATIENCE,
) -> UpsertTally:
    """Wait until the server has settled the file left in `folder`."""
    began, taken = monotonic(), False
    while True:
        settled = not await asyncio.to_thread(folder.exists)
        async with read() as conn:
            progress = await ledger.find(conn, mark)
        if progress is not None and progress.state == ledger.RUNNING:
            taken = True
            report(Progress(progress.row, progress.share, progress.tally))
        if settled:
            if progress is None:
                raise Ended("L’importation n’a laissé aucune trace : recommencez.")
            if progress.state == ledger.FAILED:
                raise Ended(progress.problem or "L’importation a échoué.")
            return progress.tally
        if not taken and monotonic() - began > patience and await _nobody(read):
            raise NobodyTakes
        await asyncio.sleep(_EVERY)


async def _nobody(read: Read) -> bool:
    """Whether no other import is under way, behind which this one would wait."""
    from sqlalchemy import func, select

    from server.store.schema.server import imports

    running = select(func.count()).where(imports.c.state == ledger.RUNNING)
    async with read() as conn:
        return not await conn.scalar(running)
