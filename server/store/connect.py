"""How each database is reached: SQLite by one writer and read-only readers, PostgreSQL by a pool.

Errors never repeat the values of a statement: they are people's, and errors end in logs.

On SQLite one connection alone writes and checkpoints: before 3.51.3 two checkpointers can
corrupt a write-ahead log, and common Pythons link an older one.
"""

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool, StaticPool

from relance.errors import ConfigurationError
from server.store import uncut
from server.store.local_day import day_on_sqlite
from server.store.memory import InMemory
from server.store.search import search_key

#: Statements kept compiled: a program's statements are few, but there are many programs.
COMPILED = 5_000
#: Statements each connection to PostgreSQL keeps prepared: those of a few busy campaigns.
_PREPARED = 1_000
_BUSY_MS = 5_000
#: What a commit of SQLite waits for: that the disk has it, so that a machine may be cut off at once.
FLUSHED = "FULL"
#: How long a connection is waited for when all are taken.
_POOL_SECONDS = 5
#: How long a transaction of one of several processes may ask nothing before it is ended, in milliseconds.
_PAUSED = "15000"


def in_memory() -> AsyncEngine:
    """A base that does not last."""
    engine = cast(AsyncEngine, InMemory(COMPILED))
    _prepare(engine, ["PRAGMA temp_store=MEMORY"], "BEGIN IMMEDIATE")
    return engine


def sqlite_writer(path: str) -> AsyncEngine:
    """An engine of one connection, for SQLite takes one writer at a time."""
    engine = create_async_engine(
        "sqlite+aiosqlite://",
        async_creator=partial(uncut.connection, path),
        poolclass=StaticPool,
        query_cache_size=COMPILED,
        hide_parameters=True,
    )
    pragmas = [
        "PRAGMA journal_mode=WAL",
        f"PRAGMA synchronous={FLUSHED}",
        "PRAGMA temp_store=MEMORY",
        # What is deleted is written over in its page, where that costs no page more.
        "PRAGMA secure_delete=FAST",
        "PRAGMA cache_size=-65536",
        # A tick may dirty a thousand pages: copy them back once in a while, not at each commit.
        "PRAGMA wal_autocheckpoint=8000",
    ]
    _prepare(engine, pragmas, "BEGIN IMMEDIATE")
    return engine


def sqlite_readers(path: str) -> AsyncEngine:
    """Connections that can only read."""
    address = f"{Path(path).absolute().as_uri()}?mode=ro"
    engine = create_async_engine(
        "sqlite+aiosqlite://",
        async_creator=partial(uncut.connection, address, uri=True),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=4,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        query_cache_size=COMPILED,
        hide_parameters=True,
    )
    _prepare(engine, ["PRAGMA query_only=ON", "PRAGMA wal_autocheckpoint=0"])
    return engine


def postgresql(url: str, *, among: bool = False) -> AsyncEngine:
    """A pool. `among`: of one of several processes, whom none keeps waiting when it is paused."""
    given = _asyncpg(url)
    own = {"idle_in_transaction_session_timeout": _PAUSED} if among else {}
    return create_async_engine(
        given,
        pool_size=8,
        max_overflow=4,
        pool_timeout=_POOL_SECONDS,
        pool_pre_ping=True,
        # The last one used has the engine's tables and most statements ready.
        pool_use_lifo=True,
        query_cache_size=COMPILED,
        hide_parameters=True,
        connect_args={"prepared_statement_cache_size": _PREPARED, "server_settings": own},
    )


def postgresql_session(url: str) -> AsyncEngine:
    """Connections kept as sessions: no pool to take them back, no transaction left open."""
    given = _asyncpg(url)
    return create_async_engine(
        given, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
    )


def _asyncpg(url: str) -> URL:
    """The address, with its driver."""
    refuse_without_driver()
    return make_url(url).set(drivername="postgresql+asyncpg")


def refuse_without_driver() -> None:
    """Raise `ConfigurationError` unless it is there: it comes with an extra."""
    if find_spec("asyncpg") is None:
        raise ConfigurationError(
            "Il manque de quoi parler à PostgreSQL : installez « relance[postgresql] » "
            "(depuis les sources : pip install '.[postgresql]')."
        )


def _prepare(engine: AsyncEngine, pragmas: list[str], begin: str | None = None) -> None:
    """Take transactions out of the driver's hands, and set each connection up.

    `begin`: what begins a transaction. A reader's begins with the first thing it asks, as SQLite has it
    anyway: that is one trip to the thread less.
    """

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.create_function("relance_fold", 1, _search_key, deterministic=True)
        connection.create_function("relance_local_day", 2, day_on_sqlite, deterministic=True)
        cursor = connection.cursor()
        # LIKE then means the same on both stores.
        for pragma in [
            f"PRAGMA busy_timeout={_BUSY_MS}",
            "PRAGMA case_sensitive_like=ON",
            *pragmas,
        ]:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Any) -> None:
        if begin is not None:
            connection.exec_driver_sql(begin)
        else:
            connection.connection.driver_connection.owed = "BEGIN"


def _search_key(value: object) -> str | None:
    return None if value is None else search_key(str(value))
