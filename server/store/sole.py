"""One server a database: a second one would take the first one's sends for a dead process's.

What holds the database dies with its holder, however it dies: a locked file beside SQLite's, a
session's lock on PostgreSQL. Neither has to be cleaned up. A session may also be lost while its
server lives: this is noticed, and the hold taken again if nobody else has (`server.store.tenure`
keeps whoever has lost it from writing).

Processes that help the one that has it hold a number each in the same way (`server.store.processes`).
"""

import asyncio
import contextlib
import logging
import os
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import ConfigurationError
from server import private
from server.store import connect, processes
from server.store.ids import PROCESSES
from server.store.pooled import refuse_shared_sessions

log = logging.getLogger("relance.server")

#: PostgreSQL may notice only after a moment that the server before us is gone.
_PATIENCE = 5.0
_EVERY = 0.25
#: A connection that says nothing is asked this often whether it is there, and has this long to
#: answer, in seconds.
_ASKED = 5.0
_FIRST = f"{processes.FIRST_LOCK}"


class DatabaseTaken(ConfigurationError):
    """Another server runs on this database."""


class Sole:
    """The proof that no other server runs on this database; `release` it at the end.

    `key`: that of the lock, of whoever holds another than the first's.
    """

    def __init__(
        self, url: str, file: int | None, session: AsyncConnection | None, key: str = _FIRST
    ) -> None:
        self._url, self._key = url, key
        self._file = file
        self._session = session

    @property
    def session(self) -> AsyncConnection | None:
        """Its own connection, on PostgreSQL."""
        return self._session

    async def lost(self) -> None:
        """Return when the hold is lost; a locked file never is."""
        if self._session is None:
            await asyncio.Event().wait()
            return
        cut = asyncio.Event()
        driver: Any = (await self._session.get_raw_connection()).driver_connection
        driver.add_termination_listener(lambda _: cut.set())
        while not (cut.is_set() or driver.is_closed()) and await _answers(self._session):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(cut.wait(), _ASKED)

    async def retake(self) -> None:
        """Take the hold again, however long the database is away. Raises `Taken`."""
        await self._let_go()
        while self._session is None:
            try:
                self._session = await _session(self._url, self._key)
            except (DBAPIError, OSError, TimeoutError) as error:
                log.info("la base ne répond pas encore (%s)", type(error).__name__)
                await asyncio.sleep(_EVERY)

    async def release(self) -> None:
        """Let another server have the database."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        await self._let_go()

    async def _let_go(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            with contextlib.suppress(DBAPIError, OSError):
                await session.close()
            await session.engine.dispose()


async def _answers(session: AsyncConnection) -> bool:
    try:
        async with asyncio.timeout(_ASKED):
            await session.execute(text("SELECT 1"))
    except (DBAPIError, OSError, TimeoutError):
        return False
    return True


async def alone(url: str) -> Sole:
    """Take the database at that address, or refuse with a sentence."""
    given = make_url(url)
    if given.get_backend_name() == "postgresql":
        await refuse_shared_sessions(url)
        return Sole(url, None, await _session(url))
    if given.database in (None, "", ":memory:"):
        return Sole(url, None, None)
    return Sole(url, _file(Path(given.database or "")), None)


def _file(database: Path) -> int | None:
    try:
        import fcntl
    except ImportError:  # no such lock on Windows
        return None
    private.folder(database.parent)
    path = database.with_name(f"{database.name}-serveur")
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(held)
        raise taken(str(database)) from error
    except OSError:  # a file system without locks: nothing can be told
        os.close(held)
        return None
    return held


async def first_or_none(url: str) -> Sole | None:
    """Take the database on PostgreSQL, unless somebody has it."""
    try:
        return Sole(url, None, await _session(url, patience=0))
    except DatabaseTaken:
        return None


async def helper(url: str) -> tuple[int, Sole]:
    """A number among those of the helpers of a database on PostgreSQL, held likewise."""
    await refuse_shared_sessions(url)
    for number in range(1, PROCESSES):
        key = f"{processes.LOCK}, {number}"
        try:
            return number, Sole(url, None, await _session(url, key, patience=0), key)
        except DatabaseTaken:
            continue
    raise ConfigurationError(
        f"Cette base a déjà {PROCESSES} processus, autant qu’elle peut en avoir."
    )


async def _session(url: str, key: str = _FIRST, patience: float = _PATIENCE) -> AsyncConnection:
    """A connection of its own, outside any transaction, for as long as the server lives."""
    engine = connect.postgresql_session(url)
    try:
        async with contextlib.AsyncExitStack() as stack:
            session = await stack.enter_async_context(engine.connect())
            for left in reversed(range(max(1, int(patience / _EVERY)))):
                if await session.scalar(text(f"SELECT pg_try_advisory_lock({key})")):
                    stack.pop_all()
                    return session
                if left:
                    await asyncio.sleep(_EVERY)
            raise taken(make_url(url).render_as_string())
    except BaseException:
        await engine.dispose()
        raise


def taken(database: str) -> DatabaseTaken:
    """The refusal, in a sentence."""
    return DatabaseTaken(
        f"Un serveur Relance tourne déjà sur cette base ({database}) : un seul à la fois. "
        "Arrêtez l’autre, ou donnez à celui-ci une base à lui (réglage «\u00a0base\u00a0»). Pour "
        "en avoir plusieurs sur une même base PostgreSQL, voyez l’option --roles."
    )
