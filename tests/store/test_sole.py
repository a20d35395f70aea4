"""Two servers never run on one database; one that died leaves it free."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url

from relance.errors import ConfigurationError
from relance.testing import VirtualClock
from server.runtime import Runtime
from server.settings import Settings
from server.store import connect
from server.store.sole import alone
from server.store.store import Store

_HOLD = """
import asyncio, sys
from server.store import connect
from server.store.sole import alone

async def hold():
    sole = await alone(sys.argv[1])
    print("held", flush=True)
    await asyncio.sleep(60)

asyncio.run(hold())
"""


async def test_a_database_has_one_server_at_a_time(store_url: str) -> None:
    first = await alone(store_url)
    with pytest.raises(ConfigurationError, match="déjà"):
        await alone(store_url)
    await first.release()
    await (await alone(store_url)).release()


async def test_a_server_killed_leaves_the_database_free(store_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _HOLD, store_url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 30) == b"held\n"
    process.kill()
    await process.wait()
    await (await alone(store_url)).release()


async def test_those_who_only_read_are_let_in(store_url: str, clock: VirtualClock) -> None:
    sole = await alone(store_url)
    store = await Store.open(store_url, clock)
    await store.close()
    await sole.release()


async def test_databases_in_memory_are_each_their_own() -> None:
    first, second = await alone("sqlite://"), await alone("sqlite://")
    await first.release()
    await second.release()


async def test_a_second_server_is_refused_before_it_touches_anything(tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path, database=f"sqlite:///{tmp_path}/relance.db")
    first = Runtime(settings)
    await first.open()
    try:
        with pytest.raises(ConfigurationError, match="tourne déjà"):
            await Runtime(settings).open()
    finally:
        await first.close()
    again = Runtime(settings)
    await again.open()
    await again.close()


def test_a_database_that_does_not_answer_is_told_in_a_sentence(
    tmp_path: Path, new_postgresql: Callable[[], str]
) -> None:
    unknown = make_url(new_postgresql()).set(username="personne")
    nowhere = make_url("postgresql://relance@127.0.0.1:1/relance")
    folder = tmp_path / "a-file"
    folder.write_text("", encoding="utf-8")
    for url in (unknown, nowhere, make_url(f"sqlite:///{folder}/relance.db")):
        database = url.render_as_string(hide_password=False)
        with pytest.raises(ConfigurationError, match="ne peut pas être ouverte"):
            asyncio.run(Runtime(Settings(folder=tmp_path, database=database)).open())


def test_a_driver_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"relance\[postgresql\]"):
        asyncio.run(alone("postgresql://relance@localhost/relance"))
