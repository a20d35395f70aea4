"""A task cancelled anywhere in a transaction: nothing half done, nothing held, nothing lost."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.reports.reader import StoreReader
from server.reports.reader import reading as reader_of
from server.store.store import Store

ADD = text("INSERT INTO lists (key, name) VALUES (:key, :name)")
#: More awaits than any transaction tried here has.
_ENDLESS = 200

Working = Callable[[Store], Coroutine[Any, Any, None]]


class CutAt:
    """A coroutine whose task is cancelled as soon as it waits for the `cuts`-th times."""

    def __init__(self, work: Coroutine[Any, Any, Any], *cuts: int) -> None:
        self._work = work
        self._cuts = cuts
        #: How many times it has waited.
        self.waited = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        task = asyncio.current_task()
        assert task is not None
        failed: BaseException | None = None
        while True:
            try:
                awaited = self._work.throw(failed) if failed else self._work.send(None)
            except StopIteration as end:
                return end.value
            failed = None
            self.waited += 1
            if self.waited in self._cuts:
                asyncio.get_running_loop().call_soon(task.cancel)
            try:
                yield awaited
            except BaseException as error:
                failed = error


async def run(cut: CutAt) -> None:
    await cut


async def two_rows(conn: AsyncConnection) -> None:
    for key in ("a", "b"):
        await conn.execute(ADD, {"key": key, "name": key})
        await conn.scalar(text("SELECT count(*) FROM lists"))


async def step_by_step(store: Store) -> None:
    async with store.write() as conn:
        await two_rows(conn)


async def handed_whole(store: Store) -> None:
    await store.transact(two_rows)


async def reading(store: Store) -> None:
    async with store.read() as conn:
        await conn.execute(text("SELECT key FROM lists"))
        await conn.scalar(text("SELECT count(*) FROM lists"))


@pytest.mark.parametrize("at", range(1, 12))
async def test_a_report_cancelled_anywhere_can_be_asked_for_again(
    store: Store, store_url: str, at: int
) -> None:
    async def asked(reader: StoreReader) -> None:
        async with reader.read() as conn:
            await conn.execute(text("SELECT key FROM lists"))

    async with reader_of(store_url) as reader:
        task = asyncio.create_task(run(CutAt(asked(reader), at)))
        await asyncio.wait([task])
        await asked(reader)


async def keys(store: Store) -> list[str]:
    async with store.read() as conn:
        return list((await conn.execute(text("SELECT key FROM lists ORDER BY key"))).scalars())


async def usable(store: Store, database: str) -> None:
    """Others can write at once, and so can the store, in both ways."""
    if store.dialect == "sqlite":
        other = sqlite3.connect(make_url(database).database or "", timeout=0)
        other.execute("BEGIN IMMEDIATE")
        other.rollback()
        other.close()
    async with asyncio.timeout(5), store.write() as conn:
        await conn.execute(ADD, {"key": "w", "name": "w"})
    async with asyncio.timeout(5):
        await store.transact(_add_t)
    written = await keys(store)
    assert {"w", "t"} <= set(written)
    assert [key for key in written if key in "ab"] in ([], ["a", "b"])
    async with store.write() as conn:
        await conn.execute(text("DELETE FROM lists"))


async def _add_t(conn: AsyncConnection) -> None:
    await conn.execute(ADD, {"key": "t", "name": "t"})


@pytest.mark.parametrize("again", [0, 1, 2])
@pytest.mark.parametrize("work", [step_by_step, handed_whole, reading])
async def test_cancelled_at_any_await_it_leaves_the_base_free(
    store: Store, store_url: str, work: Working, again: int
) -> None:
    for at in range(1, _ENDLESS):
        cut = CutAt(work(store), at, at + again)
        task = asyncio.create_task(run(cut))
        await asyncio.wait([task])
        await usable(store, store_url)
        if cut.waited < at:
            assert not task.cancelled()
            break
        assert task.cancelled()
    else:
        pytest.fail("it never ended")


@pytest.mark.parametrize("handed", [False, True])
async def test_a_long_statement_is_interrupted_rather_than_waited_for(
    store: Store, store_url: str, handed: bool
) -> None:
    async def for_ever(conn: AsyncConnection) -> None:
        await conn.execute(ADD, {"key": "a", "name": "a"})
        await conn.scalar(
            text(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                " SELECT count(*) FROM n"
            )
        )

    async def by_hand() -> None:
        async with store.write() as conn:
            await for_ever(conn)

    task = asyncio.create_task(store.transact(for_ever) if handed else by_hand())
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()
    assert await keys(store) == []
    await usable(store, store_url)
