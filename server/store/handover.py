"""Writing transactions handed whole to SQLite's own thread.

A statement sent from the event loop to that thread and back costs two changes of thread, more than
a small statement itself. A transaction of a dozen statements costs two as well when it is
handed over as one piece: that is worth a third of the intake's time.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import StaticPool

from server.store.connect import COMPILED

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]


class Handover:
    """The writing connection of an `AsyncEngine`, for work that awaits nothing but statements."""

    def __init__(self, thread: Any, notes: "_Notes", engine: Engine) -> None:
        self._thread = thread
        self._notes = notes
        self._engine = engine

    @classmethod
    async def to(cls, writer: AsyncEngine) -> "Handover":
        """Share the one connection of `writer`; the database has no other writer."""
        async with writer.connect() as conn:
            raw = await conn.get_raw_connection()
            thread: Any = raw.driver_connection
            notes = _Notes(raw.info)
        engine = create_engine(
            "sqlite://",
            creator=lambda: thread._conn,
            poolclass=StaticPool,
            pool_reset_on_return=None,
            query_cache_size=COMPILED,
        )
        event.listen(engine, "begin", _begin)
        return cls(thread, notes, engine)

    async def run(self, work: "Work[T]") -> T:
        """Do `work` in a transaction, on the connection's thread; committed when this returns."""
        done: T = await self._thread._execute(self._transaction, work)
        return done

    def _transaction(self, work: "Work[T]") -> T:
        with self._engine.begin() as connection:
            return _finished(work(cast(AsyncConnection, _Direct(connection, self._notes))))


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


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


class _Direct:
    """What the store uses of an `AsyncConnection`, answered on the spot."""

    def __init__(self, connection: Connection, notes: _Notes) -> None:
        self.sync_connection = connection
        self._notes = notes

    @property
    def dialect(self) -> Dialect:
        return self.sync_connection.dialect

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        return self.sync_connection.execute(*arguments, **options)

    async def scalar(self, *arguments: Any, **options: Any) -> Any:
        return self.sync_connection.scalar(*arguments, **options)

    async def exec_driver_sql(self, *arguments: Any, **options: Any) -> Any:
        return self.sync_connection.exec_driver_sql(*arguments, **options)

    async def run_sync(self, function: Callable[..., T], *arguments: Any, **options: Any) -> T:
        return function(self.sync_connection, *arguments, **options)

    async def get_raw_connection(self) -> _Notes:
        return self._notes
