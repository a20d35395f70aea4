"""One server a database: a second one would take the first one's sends for a dead process's.

What holds the database dies with its holder, however it dies: a locked file beside SQLite's, a
session's lock on PostgreSQL. Neither has to be cleaned up.
"""

import asyncio
import contextlib
import os
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import ConfigurationError
from server.store import connect

#: PostgreSQL may notice only after a moment that the server before us is gone.
_PATIENCE = 5.0
_EVERY = 0.25
_LOCK = 7_236_520


class Taken(ConfigurationError):
    """Another server runs on this database."""


class Sole:
    """The proof that no other server runs on this database; `release` it at the end."""

    def __init__(self, file: int | None = None, session: AsyncConnection | None = None) -> None:
        self._file = file
        self._session = session

    async def release(self) -> None:
        """Let another server have the database."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._session is not None:
            session, self._session = self._session, None
            with contextlib.suppress(DBAPIError, OSError):
                await session.close()
            await session.engine.dispose()


async def alone(url: str) -> Sole:
    """Take the database at that address, or refuse with a sentence."""
    given = make_url(url)
    if given.get_backend_name() == "postgresql":
        return Sole(session=await _session(url))
    if given.database in (None, "", ":memory:"):
        return Sole()
    return Sole(file=_file(Path(given.database or "")))


def _file(database: Path) -> int | None:
    try:
        import fcntl
    except ImportError:  # no such lock on Windows
        return None
    database.parent.mkdir(parents=True, exist_ok=True)
    path = database.with_name(f"{database.name}-serveur")
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(held)
        raise _taken(str(database)) from error
    except OSError:  # a file system without locks: nothing can be told
        os.close(held)
        return None
    return held


async def _session(url: str) -> AsyncConnection:
    """A connection of its own, outside any transaction, for as long as the server lives."""
    engine = connect.postgresql_session(url)
    try:
        session = await engine.connect()
        for _ in range(int(_PATIENCE / _EVERY)):
            if await session.scalar(text(f"SELECT pg_try_advisory_lock({_LOCK})")):
                return session
            await asyncio.sleep(_EVERY)
    except BaseException:
        await engine.dispose()
        raise
    await session.close()
    await engine.dispose()
    raise _taken(make_url(url).render_as_string())


def _taken(database: str) -> Taken:
    return Taken(
        f"Un serveur Relance tourne déjà sur cette base ({database}) : un seul à la fois. "
        "Arrêtez l’autre, ou donnez à celui-ci une base à lui (réglage «\u00a0base\u00a0»)."
    )
