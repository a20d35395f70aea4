"""Another program writes in the base of a server that runs here, and takes its time."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def writing(base: str | Path) -> AsyncIterator[None]:
    """Hold the right to write in that base of SQLite, once the server lets go of it.

    Asked for again and again, not waited for: the server shares this thread, and would never end.
    """
    other = sqlite3.connect(base, isolation_level=None, timeout=0)
    while True:
        try:
            other.execute("BEGIN IMMEDIATE")
            break
        except sqlite3.OperationalError:
            await asyncio.sleep(0.01)
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()
