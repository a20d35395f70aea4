"""Where the running server takes the orders that commands leave."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from relance.errors import StoreUnavailable
from relance.host import Clock
from server.engine.engine import Engine
from server.orders import campaigns, spool
from server.orders.spool import Order
from server.orders.verbs import HEALTH, VERBS, Declined
from server.store.store import Store

log = logging.getLogger("relance.orders")

EVERY_SECONDS = 0.5
_UNEXPECTED = "Une erreur imprévue a arrêté cet ordre ; elle est notée dans le journal du serveur."


class Desk:
    """Does what is asked, one order at a time; `health` tells how the server is doing."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        wake: Callable[[], None],
        health: Callable[[], Awaitable[str]],
        engine: Engine,
    ) -> None:
        self._store, self._clock, self._wake = store, clock, wake
        self._health, self._engine = health, engine

    async def run(self, project: Path) -> None:
        """Take what is left in the project, until cancelled."""
        while True:
            for file, order in await asyncio.to_thread(lambda: list(spool.left(project))):
                await self._take(file, order)
            await asyncio.sleep(EVERY_SECONDS)

    async def _take(self, file: Path, order: Order) -> None:
        if order.verb == HEALTH:
            spool.answer(file, await self._health(), done=True)
            return
        try:
            said, done = await perform(self._store, self._clock, self._engine, order), True
            log.info("ordre « %s » : %s", order.verb, said)
        except Declined as declined:
            said, done = str(declined), False
        except StoreUnavailable:
            raise  # it stays there, and is taken up again
        except Exception:
            # Whatever it is, the orders behind this one must not wait for it for ever.
            log.exception("ordre « %s » : erreur imprévue", order.verb)
            said, done = _UNEXPECTED, False
        spool.answer(file, said, done=done)
        self._wake()


async def perform(store: Store, clock: Clock, engine: Engine, order: Order) -> str:
    """Do one order; what is said of it. `Declined` when it cannot be done."""
    decision = campaigns.DECISIONS.get(order.verb)
    if decision is not None:
        return await decision(engine, order.arguments)
    verb = VERBS.get(order.verb)
    if verb is None:
        raise Declined(
            "Ce serveur ne connaît pas cet ordre : il est d’une autre version que la commande. "
            "Redémarrez-le."
        )
    return await verb(store, clock, order.arguments)
