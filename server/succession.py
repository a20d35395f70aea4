"""One release takes the place of another while what visitors send is taken all along.

The new one is started beside the old: if it brings the base to other tables, it waits for the first's
place, and has it before any of the old. There, before anything is changed, it has the others do
nothing but receive; they are then replaced, one after another. Who is of a release that the base has
left behind is never the first again.
"""

import asyncio
import logging
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import ConfigurationError
from server.release import Release, release_said
from server.roles import WAITS, ProcessRole
from server.store import processes
from server.store.expansion import expand_since
from server.store.migrate import refuse_newer
from server.store.processes import ProcessRow
from server.store.sole import Sole
from server.store.versions import version_of

log = logging.getLogger("relance.server")

#: How long those of another release have to end what they move and send; and how often they are
#: looked at, in seconds.
_PATIENCE, _EVERY = 15.0, 0.1


async def take_over(place: Sole, mine: Release, name: str) -> None:
    """Have processes of another release only receive; as the first, before the base is touched.

    One that does not answer writes nothing more. Raises `ConfigurationError` if they cannot stay.
    """
    session = place.session
    if session is None or not await _there(session):
        return
    version = await session.run_sync(version_of)
    refuse_newer(version)
    others = await processes.of_another_release(session, str(mine))
    if not others:
        return
    if not (_same_project(others, mine) and expand_since(version)):
        names = ", ".join(one.name for one in others)
        raise ConfigurationError(
            "Des processus d’une autre version de Relance, qui ne peut pas rester à côté de celle-ci, ou "
            f"d’autres réglages, aident sur cette base ({names}) : arrêtez-les d’abord, puis relancez-les "
            "après celui-ci."
        )
    await processes.succeed(session, str(mine), name)
    until = asyncio.get_running_loop().time() + _PATIENCE
    while busy := [one for one in others if not _only_receives(one)]:
        if asyncio.get_running_loop().time() > until:
            for one in busy:
                log.warning(
                    "le processus %s, d’une autre version, ne répond pas : il n’écrit plus",
                    one.name,
                )
                await processes.end(session, one.number)
            return
        await asyncio.sleep(_EVERY)
        others = await processes.of_another_release(session, str(mine))


async def wait_in_line(place: Sole, row: ProcessRow) -> None:
    """Say that this process is to be the first next, to those that may help the one there is."""
    if place.session is not None and await _there(place.session):
        await processes.say(place.session, row._replace(roles=WAITS, known=False))


async def may_be_first(conn: AsyncConnection, mine: Release) -> bool:
    """Whether the place, once it is free, is for this process: no later release has had it, nor waits."""
    version = await conn.run_sync(version_of)
    if version is not None and version > mine.tables:
        return False
    present = await processes.there(conn)
    return not any(
        one.number in present
        and one.roles == WAITS
        and release_said(one.release).tables > mine.tables
        for one in await processes.every(conn)
    )


async def _there(conn: AsyncConnection) -> bool:
    return await conn.scalar(text("SELECT to_regclass('processes')")) is not None


def _same_project(others: Iterable[ProcessRow], mine: Release) -> bool:
    return all(release_said(one.release).project == mine.project for one in others)


def _only_receives(one: ProcessRow) -> bool:
    return not (one.has(ProcessRole.MOVE) or one.has(ProcessRole.SEND))
