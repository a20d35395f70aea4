"""SQLite's own thread, whose calls end before whoever awaits them may be cancelled.

Cancelling an `await` on a thread stops nothing there: the statement goes on, its transaction
stays open behind a connection given up for dead, and the base stays locked until the process ends.
Here a cancelled call is interrupted, waited for, and told as an error of the driver's, so that
the transaction around it is rolled back like any other; what was cancelled is raised after that.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any, cast

import aiosqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.store.one_trip import OneTrip

#: Calls that end something: they are neither interrupted nor refused, so that it does end.
_ENDING = ("rollback", "close")
_COMMIT = "commit"


class Cut(sqlite3.OperationalError):
    """The task that awaited this call was cancelled."""


class Uncut(aiosqlite.Connection):
    """A connection and its thread."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        # A connection left open must not keep the process from ending.
        self._thread.daemon = True
        #: How the transaction under way was cancelled, if it was.
        self.cut: asyncio.CancelledError | None = None
        #: What is to begin a transaction, until something is asked in it.
        self.owed: str | None = None

    def cursor(self) -> OneTrip:  # type: ignore[override]
        """A cursor that goes to the thread once a statement."""
        return OneTrip(self)

    def begin_owed(self) -> None:
        """Begin what was put off, on the thread, with the first statement."""
        begin, self.owed = self.owed, None
        if begin is not None:
            self._conn.execute(begin)

    async def commit(self) -> None:
        """End the transaction, where there is one to end."""
        if not self._nothing_done():
            await super().commit()

    async def rollback(self) -> None:
        """The same; SQLAlchemy asks it of every connection that is given back, ended or not."""
        if not self._nothing_done():
            await super().rollback()

    def _nothing_done(self) -> bool:
        self.owed = None
        return self._connection is not None and not self._connection.in_transaction

    async def _execute(self, fn: Callable[..., Any], *args: Any, **options: Any) -> Any:
        name = getattr(fn, "__name__", "")
        if self.cut is not None and name not in _ENDING:
            raise Cut("cancelled")
        if not self._running or self._connection is None:
            raise ValueError("Connection closed")  # the words that SQLAlchemy looks for
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((future, partial(fn, *args, **options)))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError as error:
            self.cut = error
            if name not in (*_ENDING, _COMMIT):
                self._connection.interrupt()
            await _ended(future)
        if name in (*_ENDING, _COMMIT):
            return future.result()
        future.exception()
        raise Cut("cancelled")

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        """What is done inside is over before its cancellation is raised."""
        try:
            yield
        finally:
            cut, self.cut = self.cut, None
            if cut is not None:
                raise cut


async def connection(database: str, *, uri: bool = False) -> Uncut:
    """A new connection to a database, its thread begun."""
    made = Uncut(partial(sqlite3.connect, database, uri=uri))
    await made
    return made


def transaction(engine: AsyncEngine) -> AbstractAsyncContextManager[AsyncConnection]:
    """A transaction, committed at exit; over when a cancellation of it is raised."""
    threaded = isinstance(engine, AsyncEngine) and engine.dialect.name == "sqlite"
    return _on_a_thread(engine) if threaded else engine.begin()


@asynccontextmanager
async def _on_a_thread(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    try:
        conn = await engine.connect().start()
    except (DBAPIError, Cut) as error:
        if isinstance(getattr(error, "orig", error), Cut):
            raise asyncio.CancelledError from error
        raise
    thread = cast(Uncut, (await conn.get_raw_connection()).driver_connection)
    with thread.uninterrupted():
        try:
            async with conn.begin():
                yield conn
        finally:
            await conn.close()


async def _ended(future: Awaitable[Any]) -> None:
    """Wait for a call to end, however often its task is cancelled meanwhile."""
    ending = asyncio.ensure_future(future)
    while not ending.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([ending])
