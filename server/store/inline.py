"""SQLite in memory without a thread of its own.

The driver hands every call to a thread, so that a disk never holds up the event loop. A base in
memory has no disk, and the thousands of hand-overs of a scenario cost far more than its queries.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite

_Work = tuple[asyncio.Future[Any] | None, Callable[[], Any]]


class _AtOnce:
    """Stands for the driver's queue: what is put in it is done before the call returns."""

    def put_nowait(self, work: _Work) -> None:
        future, function = work
        try:
            result = function()
        except BaseException as error:
            if future is None:
                raise
            future.set_exception(error)
        else:
            if future is not None:
                future.set_result(result)


class _NoThread:
    """Stands for the driver's thread."""

    daemon = True

    def start(self) -> None:
        """Nothing to start."""


class InlineConnection(aiosqlite.Connection):
    """The driver's connection, working in the caller's thread."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options["check_same_thread"] = False
        super().__init__(lambda: sqlite3.connect(*arguments, **options), iter_chunk_size=64)
        stands_in: dict[str, Any] = {"_tx": _AtOnce(), "_thread": _NoThread()}
        vars(self).update(stands_in)


async def connect(*arguments: Any, **options: Any) -> aiosqlite.Connection:
    """Open a connection that works at once."""
    return await InlineConnection(*arguments, **options)
