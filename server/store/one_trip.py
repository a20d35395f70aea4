"""A cursor that goes to SQLite's thread once a statement.

The library's goes four times: to be made, to execute, to fetch, to be closed. Each costs two changes of
thread, more than a small statement itself, and beside load waits its turn each time.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

#: So many rows come back with the statement that finds them; those of a greater answer when asked for.
_AT_ONCE = 1_000


class HasThread(Protocol):
    """A connection whose calls are done on a thread of its own."""

    @property
    def _conn(self) -> sqlite3.Connection: ...

    def _execute(self, fn: Callable[..., Any], *args: Any) -> Awaitable[Any]: ...

    def begin_owed(self) -> None:
        """Begin the transaction that was put off until something is asked in it."""


class OneTrip:
    """What SQLAlchemy asks of a cursor of `aiosqlite`, and no more."""

    def __init__(self, thread: HasThread) -> None:
        self._thread = thread
        self.arraysize = 1
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._rows: list[Any] = []
        #: Where there are rows that did not come yet.
        self._open: sqlite3.Cursor | None = None

    async def __aenter__(self) -> "OneTrip":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def execute(self, sql: str, parameters: Any = ()) -> "OneTrip":
        """Execute it; its first rows are there."""
        await self._thread._execute(self._done, False, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Any) -> "OneTrip":
        """Execute it for each of them."""
        await self._thread._execute(self._done, True, sql, parameters)
        return self

    async def fetchone(self) -> Any:
        """The next row; None at the end."""
        return next(iter(await self.fetchmany(1)), None)

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """The next rows, at most so many."""
        wanted = size or self.arraysize
        if len(self._rows) < wanted and self._open is not None:
            await self._thread._execute(self._fetched, self._open, wanted - len(self._rows))
        given, self._rows = self._rows[:wanted], self._rows[wanted:]
        return given

    async def fetchall(self) -> Sequence[Any]:
        """All the rows that are left."""
        if self._open is not None:
            await self._thread._execute(self._fetched, self._open, None)
        given, self._rows = self._rows, []
        return given

    async def close(self) -> None:
        """Let go of what did not come."""
        left, self._open = self._open, None
        if left is not None:
            await self._thread._execute(left.close)

    # --- On the thread ----------------------------------------------------------------------

    def _done(self, many: bool, sql: str, parameters: Any) -> None:
        if self._open is not None:
            self._open.close()
        cursor, self._rows = self._thread._conn.cursor(), []
        try:
            self._thread.begin_owed()
            (cursor.executemany if many else cursor.execute)(sql, parameters)
            self.description, self.lastrowid = cursor.description, cursor.lastrowid
            self._fetched(cursor, _AT_ONCE)
        except BaseException:
            cursor.close()
            raise

    def _fetched(self, cursor: sqlite3.Cursor, most: int | None) -> None:
        found = cursor.fetchall() if most is None else cursor.fetchmany(most)
        self._rows += found
        self._open = cursor
        if most is None or len(found) < most:
            self._open, self.rowcount = None, cursor.rowcount
            cursor.close()
