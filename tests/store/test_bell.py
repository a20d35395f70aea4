"""Whoever stores something that others may do wakes them at once, where there are any."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from relance.events import NewEvent
from relance.host import Identities, Incoming
from server.helping import Helper
from server.plugins import load_plugins
from server.roles import ProcessRole
from server.runtime import Runtime
from server.settings import Settings
from server.store.bell import Bell
from tests.whole import eventually, running

_LISTENERS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
    "AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
)


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not done():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def bells(url: str, count: int = 3) -> AsyncIterator[tuple[Sequence[Bell], list[int]]]:
    """So many that listen, and who heard one, by number."""
    found = [Bell(url, number) for number in range(count)]
    heard: list[int] = []
    for number, bell in enumerate(found):
        bell.heard = lambda number=number: heard.append(number)  # type: ignore[misc]
        bell.have_others(there=True)
    tasks = [asyncio.create_task(bell.run()) for bell in found]
    await until(lambda: len(heard) == count)  # each looks once as it begins
    heard.clear()
    yield found, heard
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_ring_wakes_the_others_and_not_who_rings_however_often(
    lent_postgresql: str,
) -> None:
    async with bells(lent_postgresql) as ((first, *_), heard):
        for _ in range(50):
            first.ring()
        await until(lambda: len(heard) >= 2)
        await asyncio.sleep(0.1)
        assert sorted(heard) == [1, 2]


async def test_nobody_listens_nor_rings_while_nobody_else_is_there(lent_postgresql: str) -> None:
    bell = Bell(lent_postgresql, 0)
    running_ = asyncio.create_task(bell.run())
    bell.ring()
    await asyncio.sleep(0.2)
    conn = await asyncpg.connect(lent_postgresql)
    assert await conn.fetch(_LISTENERS) == []
    await conn.close()
    running_.cancel()


async def test_a_bell_whose_session_was_cut_is_heard_again(lent_postgresql: str) -> None:
    async with bells(lent_postgresql, 2) as ((first, _), heard):
        conn = await asyncpg.connect(lent_postgresql)
        (*_, cut) = await conn.fetch(f"SELECT pg_terminate_backend(pid) FROM ({_LISTENERS}) AS l")
        await conn.close()
        assert cut
        await until(lambda: {0, 1} <= set(heard))  # each looks, for what it missed
        heard.clear()
        first.ring()
        await until(lambda: heard == [1])


async def test_what_one_process_receives_is_handled_at_once_by_another(
    lent_postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(folder=tmp_path, database=lent_postgresql, port=0)
    async with running(Runtime(settings, plugins=load_plugins())) as first:
        helper = Helper(settings, (ProcessRole.RECEIVE,), plugins=load_plugins())
        await helper.open()
        # Looking now and then would do as well, in time.
        monkeypatch.setattr("server.attendance.EVERY", 90.0)
        monkeypatch.setattr("server.engine.sharing._IDLE", 90.0)
        serving = asyncio.create_task(helper.serve())
        await helper.ready.wait()
        await asyncio.sleep(1.5)  # what looked a moment before looks for the last time
        fact = Incoming(
            "essai",
            Identities(email="aline@exemple.ca"),
            events=(NewEvent("form_submitted", "Essai"),),
        )
        await helper.made.intake.record([fact])
        await eventually(first, "SELECT count(*) FROM inbox", [(0,)])
        helper.stop()
        await serving
        await helper.close()
