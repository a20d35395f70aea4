"""Asking from the command line: the running server does it, or the command when there is none."""

import asyncio
from time import monotonic

from relance.errors import ConfigurationError
from relance.host import Clock
from server.engine.engine import Engine
from server.orders import spool
from server.orders.desk import perform
from server.orders.spool import Order
from server.orders.verbs import Declined
from server.settings import Settings
from server.store.sole import DatabaseTaken, alone
from server.store.store import Store

#: A server that answers nothing in this time serves another folder.
PATIENCE = 20.0
#: How long one that has begun may take to be done: to publish ten thousand campaigns, say.
_LONGEST = 1_800.0
_EVERY = 0.1


async def ask(settings: Settings, clock: Clock, order: Order) -> str:
    """Have an order done; what is said of it.

    `Declined` when it cannot be done, `ConfigurationError` when the server does not answer.
    """
    try:
        sole = await alone(settings.database)
    except DatabaseTaken:
        return await handed(settings, order)
    try:
        store = await Store.open(settings.database, clock)
        try:
            engine = Engine(store, clock, settings.zone, works=settings.calendar.works)
            said = await perform(store, clock, engine, order)
            await engine.finish()
            return said
        finally:
            await store.close()
    finally:
        await sole.release()


async def handed(
    settings: Settings, order: Order, patience: float = PATIENCE, longest: float = _LONGEST
) -> str:
    """Have the running server do it: it begins within `patience` seconds, and takes `longest`."""
    file = await asyncio.to_thread(spool.leave, settings.folder, order)
    began = monotonic()
    try:
        while (answer := await asyncio.to_thread(spool.answered, file)) is None:
            most = longest if await asyncio.to_thread(spool.taken, file) else patience
            if monotonic() - began > most:
                raise ConfigurationError(
                    "Un serveur tient la base, mais ne prend pas l’ordre : sert-il bien le dossier "
                    f"« {settings.folder} », et sous le même compte que vous ?"
                )
            await asyncio.sleep(_EVERY)
    finally:
        await asyncio.to_thread(spool.take_away, file)
    done, said = answer
    if not done:
        raise Declined(said)
    return said
