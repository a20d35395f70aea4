"""SQLite in memory, without a thread of its own.

The driver hands every call to a thread, so that a disk never holds up the event loop. A base in
memory has no disk, and the thousands of hand-overs of a scenario cost far more than its queries.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Engine, create_engine
from sqlalchemy.pool import StaticPool

T = TypeVar("T")


class InMemory:
    """What the store uses of an `AsyncEngine`, over one base in memory."""

    def __init__(self, compiled: int) -> None:
        self.sync_engine: Engine = create_engine(
            "sqlite://",
            poolclass=StaticPool,
            connect_args={"check_same_thread": False},
            query_cache_size=compiled,
            hide_parameters=True,
        )
        self.dialect: Dialect = self.sync_engine.dialect

    @asynccontextmanager
    async def begin(self) -> AsyncIterator["AtOnce"]:
        """A transaction, committed at exit."""
        with self.sync_engine.begin() as connection:
            yield AtOnce(connection)

    async def dispose(self) -> None:
        """Let go of the base."""
        self.sync_engine.dispose()


class AtOnce:
    """What the store uses of an `AsyncConnection`, answered before the call returns."""

    def __init__(self, connection: Connection) -> None:
        self.sync_connection = connection
        self.dialect: Dialect = connection.dialect
        self.execute = _soon(connection.execute)
        self.scalar = _soon(connection.scalar)
        self.scalars = _soon(connection.scalars)
        self.exec_driver_sql = _soon(connection.exec_driver_sql)

    async def run_sync(self, function: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """A function of SQLAlchemy's own connection."""
        return function(self.sync_connection, *arguments, **options)

    async def get_raw_connection(self) -> Any:
        """The driver's, with what the pool remembers of it."""
        return self.sync_connection.connection


def _soon(function: Callable[..., T]) -> Callable[..., Any]:
    async def answer(*arguments: Any, **options: Any) -> T:
        return function(*arguments, **options)

    return answer
