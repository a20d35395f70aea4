"""A statement goes once to SQLite's thread, whatever it answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.testing import VirtualClock
from server.store.store import Store
from server.store.uncut import Uncut
from tests.databases import put_sqlite

COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) SELECT i FROM n"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return put_sqlite(tmp_path / "relance.db")


@pytest.fixture
async def conn(url: str) -> AsyncIterator[AsyncConnection]:
    store = await Store.open(url, VirtualClock())
    async with store.write() as opened:
        await opened.execute(text("CREATE TABLE trips (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
        yield opened
    await store.close()


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done on the thread, from now on."""
    done: list[str] = []
    usual = Uncut._execute

    async def counted(self: Uncut, fn: Any, *args: Any, **options: Any) -> Any:
        done.append(getattr(fn, "__name__", ""))
        return await usual(self, fn, *args, **options)

    monkeypatch.setattr(Uncut, "_execute", counted)
    return done


async def test_a_statement_is_one_trip_and_a_great_answer_two(
    conn: AsyncConnection, trips: list[str]
) -> None:
    assert (await conn.execute(text(COUNT), {"most": 900})).scalars().all() == [*range(1, 901)]
    assert len(trips) == 1
    assert (await conn.execute(text(COUNT), {"most": 2_500})).scalars().all() == [*range(1, 2_501)]
    assert len(trips) == 3
    await conn.execute(text("INSERT INTO trips (name) VALUES (:n)"), [{"n": "a"}, {"n": "b"}])
    assert len(trips) == 4


async def test_a_stream_reads_a_great_answer_part_by_part(
    conn: AsyncConnection, trips: list[str]
) -> None:
    found = []
    async with conn.stream(text(COUNT), {"most": 2_500}) as streamed:
        async for row in streamed:
            found.append(row.i)
            if len(found) == 1_200:
                break
    assert found == [*range(1, 1_201)]
    assert trips[-1] == "close", "what did not come is let go of"


async def test_what_it_wrote_is_told_as_the_library_tells_it(conn: AsyncConnection) -> None:
    made = await conn.execute(text("INSERT INTO trips (name) VALUES ('a'), ('b')"))
    assert (made.rowcount, made.lastrowid) == (2, 2)
    back = await conn.execute(text("UPDATE trips SET name = name || '!' RETURNING name"))
    assert back.scalars().all() == ["a!", "b!"]
    assert (await conn.execute(text("DELETE FROM trips"))).rowcount == 2


async def test_what_fails_leaves_the_next_statement_as_it_was(conn: AsyncConnection) -> None:
    await conn.execute(text("INSERT INTO trips (name) VALUES ('a')"))
    with pytest.raises(IntegrityError):
        await conn.execute(text("INSERT INTO trips (name) VALUES ('a')"))
    with pytest.raises(OperationalError):
        await conn.execute(text("SELECT nothing FROM nowhere"))
    assert (await conn.execute(text("SELECT name FROM trips"))).scalars().all() == ["a"]


async def test_a_reading_goes_once_a_statement_and_once_to_end(url: str, trips: list[str]) -> None:
    store = await Store.open(url, VirtualClock())
    try:
        async with store.read() as reading:  # its connection is made
            await reading.execute(text("SELECT 1"))
        trips.clear()
        async with store.read() as reading:
            await reading.execute(text("SELECT count(*) FROM lists"))
            async with store.write() as writing:
                await writing.execute(text("INSERT INTO lists (key, name) VALUES ('a', 'A')"))
            trips.clear()
            assert await reading.scalar(text("SELECT count(*) FROM lists")) == 0, "one snapshot"
        assert len(trips) == 2
        async with store.read():
            pass
        assert len(trips) == 2, "nothing was asked"
        async with store.read() as reading:
            assert await reading.scalar(text("SELECT count(*) FROM lists")) == 1
        assert len(trips) == 4
    finally:
        await store.close()
