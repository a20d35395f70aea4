"""The hold on the database: lost for a moment, nothing is written until it is had again."""

import asyncio
import logging
from collections.abc import Callable

from relance.errors import StoreUnavailable
from server.store.sole import DatabaseTaken, Sole
from server.store.store import Store
from server.store.tenure import Superseded

log = logging.getLogger("relance.server")

#: How long a store that cannot be written yet is left alone.
_PATIENCE = 0.5


async def watch(sole: Sole, store: Store, resumed: Callable[[], None]) -> None:
    """Return once another server has the database; `resumed` is called whenever it is ours again."""
    while True:
        await sole.lost()
        log.warning("la base a coupé le lien qui la réserve à ce serveur\u00a0: rien ne s’écrit")
        store.suspend("the hold on the database is lost")
        try:
            await sole.retake()
            await _again_ours(store)
        except (DatabaseTaken, Superseded):
            return
        log.warning("la base est de nouveau à ce serveur\u00a0: le travail reprend")
        resumed()


async def _again_ours(store: Store) -> None:
    while True:
        try:
            await store.resume()
            return
        except Superseded:
            raise
        except StoreUnavailable:
            await asyncio.sleep(_PATIENCE)
