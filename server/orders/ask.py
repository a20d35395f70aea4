"""Asking from the command line: the running server does it, or the command when there is none."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

from relance.errors import ConfigurationError
from relance.host import Clock
from server import private
from server.access.actor import by_command
from server.access.register import AccessRegister
from server.dispatch.book import book_of
from server.engine.engine import Engine
from server.orders import spool
from server.orders.absences import AbsenceOrders
from server.orders.desk import perform
from server.orders.recorded import OwnVerb
from server.orders.spool import Order
from server.orders.team import TEAM, TeamOrders
from server.orders.verbs import Declined
from server.rights.erasing import ERASE, Erasing
from server.secret import recognise
from server.settings import Settings
from server.spool import Spool
from server.store.sole import DatabaseTaken, alone
from server.store.store import Store
from server.visit_buffer import FILE

#: A server that answers nothing in this time serves another folder.
PATIENCE = 20.0
#: How long one that has begun may take to be done: to publish ten thousand campaigns, say.
_LONGEST = 1_800.0
_EVERY = 0.1
#: Whether that server still holds the base is asked this often.
_WATCHED = 2.0


class ServerGone(ConfigurationError):
    """The server that was to do it died: whatever it had done of it may be done again."""


async def ask(settings: Settings, clock: Clock, order: Order) -> str:
    """Have an order done; what is said of it.

    `Declined` when it cannot be done, `ConfigurationError` when the server does not answer.
    """
    try:
        sole = await alone(settings.database)
    except DatabaseTaken:
        try:
            return await handed(settings, order)
        except ServerGone:
            return await ask(settings, clock, order)
    try:
        store = await Store.open(settings.database, clock)
        try:
            engine = Engine(store, clock, settings.zone, works=settings.calendar.works)
            await engine.begin_sharing()
            register = AccessRegister.of(store, clock, await recognise(store, settings))
            own = _own(settings, register, engine)
            actor = by_command(order.by)
            said = await perform(store, clock, engine, order, own, register, actor, settings)
            await engine.finish()
            return said
        finally:
            await store.close()
    finally:
        await sole.release()


def _own(settings: Settings, register: AccessRegister, engine: Engine) -> Mapping[str, OwnVerb]:
    """What the command does of what takes more than the base."""
    lines = Spool(settings.folder / private.FOLDER / FILE)

    async def drop(unwanted: Callable[[str], bool]) -> None:
        await asyncio.to_thread(lines.drop, unwanted)

    book = book_of(settings.folder)
    erasing = Erasing(register.store, register.clock, engine, book, drop)
    team = TeamOrders(register, settings.public_url)
    absences = AbsenceOrders(register.store, register.clock, settings.zone).verbs()
    return {**absences, ERASE: erasing.perform, TEAM: team.perform}


async def handed(
    settings: Settings,
    order: Order,
    patience: float = PATIENCE,
    longest: float = _LONGEST,
    *,
    left: Callable[[Path], None] = lambda _: None,
) -> str:
    """Have the running server do it: it begins within `patience` seconds, and takes `longest`.

    `left` is given the file of the order. `ServerGone` when it dies before it answers.
    """
    file = await asyncio.to_thread(spool.leave, settings.folder, order)
    left(file)
    began = asked = monotonic()
    try:
        while (answer := await asyncio.to_thread(spool.answered, file)) is None:
            most = longest if await asyncio.to_thread(spool.taken, file) else patience
            if monotonic() - began > most:
                raise ConfigurationError(
                    "Un serveur tient la base, mais ne prend pas l’ordre : sert-il bien le dossier "
                    f"« {settings.folder} », et sous le même compte que vous ?"
                )
            await asyncio.sleep(_EVERY)
            if monotonic() - asked > _WATCHED:
                if await _free(settings.database):
                    break
                asked = monotonic()
        # Answered in the very last moment, perhaps.
        answer = answer or await asyncio.to_thread(spool.answered, file)
    finally:
        await asyncio.to_thread(spool.take_away, file)
    if answer is None:
        raise ServerGone("Le serveur s’est arrêté avant de répondre : redonnez l’ordre.")
    done, said = answer
    if not done:
        raise Declined(said)
    return said


async def _free(database: str) -> bool:
    """Whether no server holds that base any more."""
    try:
        sole = await alone(database)
    except DatabaseTaken:
        return False
    await sole.release()
    return True
