"""Transactions handed whole to the connection: the same promises as those done step by step."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.store import Store

ADD = text("INSERT INTO lists (key, name) VALUES (:key, :name)")


async def names(store: Store) -> list[str]:
    async with store.read() as conn:
        return list((await conn.execute(text("SELECT key FROM lists ORDER BY key"))).scalars())


async def test_work_is_committed_when_transact_returns(store: Store) -> None:
    async def work(conn: AsyncConnection) -> int:
        await conn.execute(ADD, {"key": "a", "name": "a"})
        return int(await conn.scalar(text("SELECT count(*) FROM lists")) or 0)

    assert await store.transact(work) == 1
    assert await names(store) == ["a"]


async def test_work_that_fails_leaves_nothing(store: Store) -> None:
    async def work(conn: AsyncConnection) -> None:
        await conn.execute(ADD, {"key": "a", "name": "a"})
        raise LookupError("half way")

    with pytest.raises(LookupError):
        await store.transact(work)
    assert await names(store) == []


async def test_both_ways_of_writing_take_turns(store: Store) -> None:
    async def by_hand(key: str) -> None:
        async with store.write() as conn:
            await conn.execute(ADD, {"key": key, "name": key})
            await asyncio.sleep(0)

    async def work(conn: AsyncConnection) -> None:
        await conn.execute(ADD, {"key": "handed", "name": "handed"})

    await asyncio.gather(by_hand("a"), store.transact(work), by_hand("b"))
    assert await names(store) == ["a", "b", "handed"]


async def test_what_the_pool_remembers_is_shared(store: Store) -> None:
    if store.dialect != "sqlite":
        pytest.skip("PostgreSQL has many connections")
    async with store.write() as conn:
        (await conn.get_raw_connection()).info["mark"] = 1

    async def work(conn: AsyncConnection) -> object:
        return (await conn.get_raw_connection()).info.get("mark")

    assert await store.transact(work) == 1


async def test_work_that_awaits_anything_else_is_refused(store: Store) -> None:
    if store.dialect != "sqlite":
        pytest.skip("only a handed transaction cannot wait")

    async def work(conn: AsyncConnection) -> None:
        await conn.execute(ADD, {"key": "a", "name": "a"})
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError):
        await store.transact(work)
    assert await names(store) == []
