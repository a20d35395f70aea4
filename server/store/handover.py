"""Writing transactions handed whole to SQLite's own thread.

A statement sent from the event loop to that thread and back costs two changes of thread, more than
a small statement itself. A transaction of a dozen statements costs two as well when it is
handed over as one piece: that is worth a third of the intake's time.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Connection, Dialect, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import StaticPool

from server.store.connect import COMPILED
from server.store.uncut import Cut, Uncut

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]


class Handover:
    """The writing connection of an `AsyncEngine`, for work that awaits nothing but statements."""

    def __init__(self, thread: Uncut, notes: "_Notes", engine: Engine) -> None:
        self._thread = thread
        self._notes = notes
        self._engine = engine

    @classmethod
    async def to(cls, writer: AsyncEngine) -> "Handover":
        """Share the one connection of `writer`; the database has no other writer."""
        async with writer.connect() as conn:
            raw = await conn.get_raw_connection()
            thread = cast(Uncut, raw.driver_connection)
            notes = _Notes(raw.info)
        engine = create_engine(
            "sqlite://",
            creator=lambda: thread._conn,
            poolclass=StaticPool,
            pool_reset_on_return=None,
            query_cache_size=COMPILED,
            hide_parameters=True,
        )
        # SQLAlchemy's first connection looks around, then rolls back: not inside a transaction.
        await thread._execute(lambda: engine.connect().close())
        return cls(thread, notes, engine)

    async def run(self, work: "Work[T]") -> T:
        """Do `work` in a transaction, on the connection's thread; committed when this returns.

        Cancelled, it returns when the transaction is over, whichever way.
        """
        with self._thread.uninterrupted():
            done: T = await self._thread._execute(self._transaction, work)
        return done

    async def outside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` on the connection's thread, in no transaction."""
        with self._thread.uninterrupted():
            done: T = await self._thread._execute(work, self._thread._conn)
        return done

    def _transaction(self, work: "Work[T]") -> T:
        direct = _Direct(self._thread._conn, self._engine, self._notes)
        direct.step("BEGIN IMMEDIATE")
        try:
            done = _finished(work(cast(AsyncConnection, direct)))
            if self._thread.cut is not None:
                raise Cut("cancelled")
            direct.commit()
        except BaseException:
            direct.rollback()
            raise
        return done


def _finished(work: Awaitable[T]) -> T:
    """The result of a coroutine whose every await is answered at once."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as end:
        return cast(T, end.value)
    raise RuntimeError("this work awaits something else than its connection")


class _Notes(NamedTuple):
    """What the pool remembers of the connection; the same whoever uses it."""

    info: dict[Any, Any]


class _Rows(list[Any]):
    """The rows of a driver's own statement, as far as the store asks of a `CursorResult`."""

    def all(self) -> list[Any]:
        return self

    def scalar_one(self) -> Any:
        ((value,),) = self
        return value


class _Direct:
    """What the store uses of an `AsyncConnection`, answered on the spot.

    SQLAlchemy joins in only for statements of its own: those written for the driver go to it.
    """

    def __init__(self, raw: sqlite3.Connection, engine: Engine, notes: _Notes) -> None:
        self._raw = raw
        self._engine = engine
        self._notes = notes
        self._joined: Connection | None = None
        self.dialect: Dialect = engine.dialect

    @property
    def sync_connection(self) -> Connection:
        if self._joined is None:
            self._joined = self._engine.connect()
        return self._joined

    def step(self, statement: str, parameters: Any = ()) -> _Rows:
        """One statement of the driver's, its errors told as SQLAlchemy tells them."""
        try:
            if isinstance(parameters, list):
                self._raw.executemany(statement, parameters)
                return _Rows()
            return _Rows(self._raw.execute(statement, parameters))
        except sqlite3.Error as error:
            raise self._dbapi_error(statement, error) from error

    def _dbapi_error(self, statement: str, error: sqlite3.Error) -> BaseException:
        return DBAPIError.instance(statement, None, error, sqlite3.Error, dialect=self.dialect)

    def commit(self) -> None:
        if self._joined is not None:
            self._joined.commit()
            self._joined.close()
        else:
            self.step("COMMIT")

    def rollback(self) -> None:
        if self._joined is not None:
            self._joined.rollback()
            self._joined.close()
        if self._raw.in_transaction:
            self._raw.rollback()

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        return self.sync_connection.execute(*arguments, **options)

    async def scalar(self, *arguments: Any, **options: Any) -> Any:
        return self.sync_connection.scalar(*arguments, **options)

    async def exec_driver_sql(self, statement: str, parameters: Any = ()) -> _Rows:
        return self.step(statement, parameters)

    async def run_sync(self, function: Callable[..., T], *arguments: Any, **options: Any) -> T:
        return function(self.sync_connection, *arguments, **options)

    async def get_raw_connection(self) -> _Notes:
        return self._notes
