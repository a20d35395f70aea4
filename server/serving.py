"""What `relance serve` does: a server opened, run until a signal, closed, its operator told meanwhile."""

import asyncio
import gc
import logging
from collections.abc import Collection

import uvloop
from sqlalchemy import make_url

from relance.errors import ConfigurationError
from relance.host import Clock
from server.helping import Helper, StoppedEarly
from server.onlooker import HelperOnlooker, Onlooker
from server.orders.publishing import PublishOrder
from server.reached import reached
from server.roles import ProcessRole
from server.runtime import Runtime
from server.settings import Settings
from server.signals import obey_signals
from server.store.pooled import refuse_shared_sessions
from server.store.sole import DatabaseTaken, Sole, first_or_none

log = logging.getLogger("relance.server")


async def serve(
    settings: Settings,
    onlooker: Onlooker,
    at_start: PublishOrder | None = None,
    *,
    clock: Clock | None = None,
    held: Sole | None = None,
    asked: asyncio.Event | None = None,
) -> None:
    """Open a server, run it until a signal, close it; `at_start`: publish the draft first.

    `held`: the hold on the database, of who has it already; `asked`: set when it is to stop before
    it began.
    """
    runtime = Runtime(settings, clock=clock, at_start=at_start, held=held)
    runtime.listen()
    await runtime.begin()
    keep_loaded()
    announcing = asyncio.create_task(_announce(runtime, onlooker))
    if asked is not None and asked.is_set():
        runtime.stop()
    try:
        await runtime.serve()
    finally:
        announcing.cancel()
        await runtime.close()


def keep_loaded() -> None:
    """What is loaded stays: to go through it all again, now and then, would stop everybody for 0.2 s.

    What this process was before goes first, a helper that is the first now: what is frozen is never
    given back, so that a process that lives for months and changes places would keep all it has been.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


async def serve_among(
    settings: Settings,
    onlooker: HelperOnlooker,
    at_start: PublishOrder | None,
    roles: Collection[ProcessRole],
) -> None:
    """Be one of several processes of a database: the first if nobody is and the roles say so."""
    if make_url(settings.database).get_backend_name() != "postgresql":
        raise ConfigurationError(
            "Plusieurs processus ne se partagent qu’une base PostgreSQL : avec SQLite, il n’y en a "
            "qu’un. Enlevez --roles, ou changez le réglage «\u00a0base\u00a0»."
        )
    with reached():
        await refuse_shared_sessions(settings.database)
    asked, held = asyncio.Event(), None
    while not asked.is_set():
        if held is None and ProcessRole.SEND in roles:
            with reached():
                held = await first_or_none(settings.database)
        if held is not None:
            try:
                await serve(settings, onlooker, at_start, held=held, asked=asked)
                return
            except DatabaseTaken:
                log.warning("un autre processus est le premier : celui-ci l’aide désormais")
                held = None
                continue
        if at_start is not None:
            log.warning("le premier serveur seul publie : --publier est laissé de côté ici")
            at_start = None
        held = await _help(Helper(settings, roles), onlooker, asked)
    if held is not None:
        await held.release()


async def _help(helper: Helper, onlooker: HelperOnlooker, asked: asyncio.Event) -> Sole | None:
    """Help until something else is to be done; the first's place, when this is to have it."""

    def stop() -> None:
        asked.set()
        helper.stop()

    obey_signals(stop, lambda: None)
    try:
        await helper.open()
    except StoppedEarly:
        return helper.held
    keep_loaded()
    announcing = asyncio.create_task(_announce_helper(helper, onlooker))
    try:
        await helper.serve()
    finally:
        announcing.cancel()
        await helper.close()
    return helper.held


async def _announce_helper(helper: Helper, onlooker: HelperOnlooker) -> None:
    await helper.ready.wait()
    onlooker.helps(helper.url if ProcessRole.RECEIVE in helper.roles else None)


async def _announce(runtime: Runtime, onlooker: Onlooker) -> None:
    await runtime.ready.wait()
    onlooker.answers(runtime.address)
    if runtime.access.first_link is not None:
        onlooker.awaits_first(runtime.address + runtime.access.first_link)
    await runtime.prepared.wait()
    gc.freeze()
    onlooker.examined(await runtime.checkup.health())


def run(
    settings: Settings,
    onlooker: HelperOnlooker,
    at_start: PublishOrder | None = None,
    roles: Collection[ProcessRole] | None = None,
) -> None:
    """What `relance serve` does; `roles`: as one of several processes."""
    if roles is None:
        uvloop.run(serve(settings, onlooker, at_start))
    else:
        uvloop.run(serve_among(settings, onlooker, at_start, roles))
