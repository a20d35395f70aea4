"""A base brought back to an earlier day: what may have left since is held, until somebody says what is to leave."""

import asyncio
import logging
from pathlib import Path

from server.dispatch import held
from server.recovery.witness import Witness, unmark
from server.store.store import Store

log = logging.getLogger("relance.server")


class Restoration:
    """Of one server: noticed as it opens, over once it sends."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self.witness = Witness(store, folder)
        #: Whether the base was restored, and what the engine makes up for is yet to be held.
        self.lasts = False

    async def look(self) -> None:
        """Hold what waits to be sent, where the base is an older one than the server last ran on."""
        self.lasts = await self.witness.look()
        if self.lasts:
            log.warning("la base a été restaurée : les envois sont retenus (relance retenus)")
            async with self._store.write() as conn:
                await held.hold(conn)

    async def end(self, caught_up: asyncio.Event) -> None:
        """Hold what the engine made up for as well, once it has; then messages may leave."""
        if not self.lasts:
            return
        await caught_up.wait()
        async with self._store.write() as conn:
            await held.hold(conn)
            await unmark(conn)
        self.lasts = False
