"""Databases as a new one is, at little cost: SQLite's written at once, PostgreSQL's used again."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
from sqlalchemy import make_url

from relance.testing import VirtualClock
from server.store.counters import keeping
from server.store.store import Store


async def prepare(address: str, counting: ZoneInfo | None = None) -> None:
    """Make its tables; have it count what they hold, in the days of that zone, as a server does."""
    store = await Store.open(address, VirtualClock())
    if counting is not None:
        await keeping.keep(store, counting)
    await store.close()


@cache
def _sqlite(counting: ZoneInfo | None) -> bytes:
    with tempfile.TemporaryDirectory(prefix="relance-modele-") as folder:
        path = Path(folder) / "relance.db"
        asyncio.run(prepare(f"sqlite:///{path}", counting))
        return path.read_bytes()


def put_sqlite(path: Path, counting: ZoneInfo | None = None) -> str:
    """Put a database with its tables and nothing in them there; its address."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(_sqlite(counting))
    return f"sqlite:///{path}"


def begin(address: str, counting: ZoneInfo | None = None) -> None:
    """Put one at an address of SQLite's where there is none."""
    given = make_url(address)
    if given.get_backend_name() == "sqlite" and not Path(given.database or "").exists():
        put_sqlite(Path(given.database or ""), counting)


#: What its tables are, so that a test that changed them keeps its database for itself.
_SHAPE = """
SELECT md5(string_agg(told, ' ' ORDER BY told)) FROM (
  SELECT format('%s %s', relname, relkind) AS told FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT format('%s %s %s %s', attrelid, attname, atttypid, attnotnull) FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
) AS all_there_is
"""
#: Whoever is still connected, and may hold it.
_ALONE = """
SELECT bool_and(pg_terminate_backend(pid, 2000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$
DECLARE
  each record;
  filled boolean;
  gone text[];
BEGIN
  FOR each IN
    SELECT tablename AS name FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', each.name) INTO filled;
    IF filled THEN gone := gone || quote_ident(each.name); END IF;
  END LOOP;
  IF gone IS NOT NULL THEN EXECUTE 'TRUNCATE ' || array_to_string(gone, ', '); END IF;
  -- What counts their rows, as a server has them do.
  FOR each IN SELECT proname AS name FROM pg_proc WHERE starts_with(proname, 'counting_') LOOP
    EXECUTE format('DROP FUNCTION %I() CASCADE', each.name);
  END LOOP;
  FOR each IN
    SELECT sequencename AS name FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL
  LOOP
    PERFORM setval(quote_ident(each.name)::regclass, 1, false);
  END LOOP;
END $$
"""


class Lending:
    """Lends databases that are as `make` makes them, those that came back before new ones."""

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make
        self._spare: list[str] = []
        self._shape: str | None = None

    def lend(self) -> str:
        """The address of one."""
        return self._spare.pop() if self._spare else self._make()

    async def learn(self, address: str) -> None:
        """Look at one as it was made."""
        if self._shape is None:
            async with _connected(address) as conn:
                self._shape = await conn.fetchval(_SHAPE)

    async def take_back(self, address: str) -> None:
        """Empty it for the next, unless its tables are others by now or somebody holds on to it."""
        with suppress(OSError, asyncpg.PostgresError):
            async with _connected(address) as conn:
                alone = await conn.fetchval(_ALONE) is not False
                if alone and await conn.fetchval(_SHAPE) == self._shape:
                    await conn.execute(_EMPTY)
                    self._spare.append(address)


@asynccontextmanager
async def _connected(address: str) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(address)
    try:
        yield conn
    finally:
        await conn.close()
