"""Several servers on one PostgreSQL, as processes: killed, paused, begun again."""

import asyncio
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from server.store.tenure import process_of
from tests.crash.server import Server
from tests.crash.verdict import LEFT
from tests.processes import Command

#: What the verdict reads.
TABLES = ("leads", "events", "enrolments", "journal", "outbox", "points", "interests")
TABLES += ("list_members",)


class Process(Server):
    """One of them, on a port of its own; its clock is off by so many seconds."""

    def __init__(self, folder: Path, port: int, roles: str, skew: float = 0.0) -> None:
        self.url = f"http://127.0.0.1:{port}"
        words = ("serve", folder, "--port", port, "--roles", roles)
        self.process = Command(*words, out=folder / f"serveur-{port}.log", skew=skew)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """SIGSTOP, then SIGCONT."""
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)


async def _read(address: str) -> dict[str, tuple[list[str], list[tuple[object, ...]]]]:
    found = {}
    conn = await asyncpg.connect(address)
    async with conn.transaction(isolation="repeatable_read"):
        for table in TABLES:
            rows = await conn.fetch(f"SELECT * FROM {table}")
            columns = await conn.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_name = $1 "
                "AND table_schema = 'public' ORDER BY ordinal_position",
                table,
            )
            names = [one["column_name"] for one in columns]
            found[table] = names, [tuple(map(_plain, row.values())) for row in rows]
    await conn.close()
    return found


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bytes | None) else str(value)


def copied(address: str, place: Path) -> Path:
    """What the base holds, as SQLite would hold it: one verdict for both."""
    place.unlink(missing_ok=True)
    connection = sqlite3.connect(place)
    for table, (names, rows) in asyncio.run(_read(address)).items():
        columns = ", ".join(f'"{name}"' for name in names)
        connection.execute(f"CREATE TABLE {table} ({columns})")
        places = ", ".join("?" * len(names))
        connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
    connection.commit()
    connection.close()
    return place


def at_rest(address: str) -> bool:
    """Nothing left to do: asked of the base itself, whose servers are not to wait for who looks."""

    async def left() -> int:
        conn = await asyncpg.connect(address)
        found = await conn.fetchval(LEFT)
        await conn.close()
        return int(found)

    return asyncio.run(left()) == 0


def senders(copy: Path) -> set[int]:
    """The processes that sent what that copy says was sent."""
    connection = sqlite3.connect(copy)
    owners = connection.execute("SELECT DISTINCT owner FROM outbox WHERE state = 'sent'")
    found = {process_of(owner) for (owner,) in owners if owner is not None}
    connection.close()
    return found


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    """AssertionError after so long."""
    limit = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < limit, "something is stuck"
        time.sleep(0.25)
