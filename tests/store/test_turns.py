"""Who writes next, on a database where one writes at a time: a visitor does not stand behind the house."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.store import Store


async def test_what_a_visitor_waits_for_goes_before_all_that_can_wait(store: Store) -> None:
    if store.dialect != "sqlite":
        pytest.skip("transactions go on side by side")
    done: list[str] = []
    began = asyncio.Event()

    async def of_the_house(name: str) -> None:
        async with store.write():
            began.set()
            await asyncio.sleep(0.01)
            done.append(name)

    async def work(_conn: AsyncConnection) -> None:
        done.append("visitor")

    house = [asyncio.create_task(of_the_house(name)) for name in "abc"]
    await began.wait()
    await store.transact(work, pressing=True)
    await asyncio.gather(*house)
    assert done == ["a", "visitor", "b", "c"]


async def test_however_many_press_the_house_has_its_turn(store: Store) -> None:
    done = asyncio.Event()
    presses = 0

    async def of_the_house() -> None:
        async with store.write():
            done.set()

    async def work(_conn: AsyncConnection) -> None:
        nonlocal presses
        presses += 1

    house = asyncio.create_task(of_the_house())
    async with asyncio.timeout(20):
        while not done.is_set():
            await store.transact(work, pressing=True)
    await house
    assert presses < 20
