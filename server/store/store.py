"""The database, as the rest of the server sees it: one way to write, one way to read."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, delete, func, insert, make_url, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from relance.errors import StoreUnavailable
from server.store import connect, tables
from server.store.fields import FieldCatalogue
from server.store.handover import Handover, Work
from server.store.ids import EventIds
from server.store.instants import HasNow
from server.store.migrate import create, migrate
from server.store.rekeying import rekey

T = TypeVar("T")

#: PostgreSQL's classes of errors that pass: connection, deadlock, resources, operator, system.
_PASSING = ("08", "40", "53", "55P03", "57", "58")
#: How often a transaction gives way to another before it gives up.
_GIVEN_WAY = 3
#: What a driver says when nothing can be written now.
_UNAVAILABLE = (
    "disk is full",
    "disk i/o error",
    "database is locked",
    "readonly database",
    "unable to open database",
    "no space left",
    "could not extend file",
    "connection was closed",
    "connection refused",
)
#: What is written, then taken back, to know whether there is room again: as much as a large form.
_PROBE = "." * 65_536


class Store:
    """Opened by `Store.open`; every connection is closed by `close`."""

    def __init__(self, writer: AsyncEngine, readers: AsyncEngine | None, clock: HasNow) -> None:
        self._writer = writer
        self._readers = readers
        self._lock = asyncio.Lock()
        self._handover: Handover | None = None
        self._refusing = False
        self.dialect: str = writer.dialect.name
        self.ids = EventIds(clock)
        self.fields = FieldCatalogue()

    @classmethod
    async def open(cls, url: str, clock: HasNow) -> "Store":
        """Open `sqlite:///path`, `sqlite://` (in memory) or `postgresql://…`, migrated to head."""
        given = make_url(url)
        if given.get_backend_name() == "postgresql":
            engine = connect.postgresql(url)
            store = cls(engine, engine, clock)
            await store._start(migrate)
            return store
        path = given.database if given.database not in (None, "", ":memory:") else None
        if path is None:
            store = cls(connect.in_memory(), None, clock)
            await store._start(create)
            return store
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        store = cls(connect.sqlite_writer(path), connect.sqlite_readers(path), clock)
        await store._start(migrate)
        return store

    async def _start(self, prepare: Callable[[Connection], None]) -> None:
        try:
            async with self.write() as conn:
                await conn.run_sync(prepare)
            await rekey(self.write)
            async with self.write() as conn:
                await self.fields.load(conn)
                last = await conn.scalar(select(func.max(tables.events.c.id)))
                self.ids.follow(last or 0)
            if self.dialect == "sqlite" and self._readers is not None:
                self._handover = await Handover.to(self._writer)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of every connection."""
        if self._readers is not None and self._readers is not self._writer:
            await self._readers.dispose()
        async with self._lock:
            await self._writer.dispose()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction, committed at exit; one at a time on SQLite.

        Never ask for another one, nor (in memory) for `read`, from inside it.
        """
        with self._watched():
            if self.dialect == "sqlite":
                async with self._lock, self._transaction(self._writer) as conn:
                    yield conn
            else:
                async with self._transaction(self._writer) as conn:
                    yield conn

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A reading transaction: one snapshot, nothing written."""
        if self._readers is None:
            async with self._lock, self._transaction(self._writer) as conn:
                yield conn
        else:
            async with self._transaction(self._readers) as conn:
                yield conn

    async def transact(self, work: Work[T]) -> T:
        """Do `work` in a writing transaction, as `write` does, in one go where that is cheaper.

        It may await nothing but its connection.
        """
        if self._handover is None:
            return await self._attempts(work)
        async with self._lock:
            with self._watched(), _told():
                return await self._handover.run(work)

    async def _attempts(self, work: Work[T]) -> T:
        """Do `work`; again when it was the one chosen to give way to another transaction."""
        for _ in range(_GIVEN_WAY):
            try:
                async with self.write() as conn:
                    return await work(conn)
            except StoreUnavailable as error:
                if not _sqlstate(error.__cause__).startswith("40"):
                    raise
        async with self.write() as conn:
            return await work(conn)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Remember whether the last transaction could be written."""
        try:
            yield
        except StoreUnavailable:
            self._refusing = True
            raise
        else:
            self._refusing = False

    async def writable(self) -> bool:
        """Whether writing works; after a failure, a small write tells whether it does again."""
        if not self._refusing:
            return True
        probe = {"name": "probe", "value": _PROBE}
        with suppress(StoreUnavailable):
            async with self.write() as conn:
                await conn.execute(insert(tables.server_settings), probe)
                await conn.execute(
                    delete(tables.server_settings).where(tables.server_settings.c.name == "probe")
                )
        return not self._refusing

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        with _told():
            async with engine.begin() as conn:
                yield conn

    async def declare_fields(self, declared: Sequence[tuple[str, str, tuple[str, ...]]]) -> None:
        """Give each (name, type, choices) of the project a column of its own."""
        async with self.write() as conn:
            await self.fields.declare(conn, declared)

    async def declare_currency(self, code: str) -> None:
        """Say in which currency amounts are that say none."""
        if code != self.fields.currency:
            async with self.write() as conn:
                await self.fields.declare_currency(conn, code)


def _sqlstate(error: BaseException | None) -> str:
    """PostgreSQL's code of what went wrong; empty on SQLite."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def unavailable(error: DBAPIError) -> bool:
    """Whether this means « not now » rather than a bug."""
    if error.connection_invalidated or _sqlstate(error).startswith(_PASSING):
        return True
    said = str(error.orig).lower()
    return any(words in said for words in _UNAVAILABLE)


@contextmanager
def _told() -> Iterator[None]:
    """Say « not now » in the contract's words."""
    try:
        yield
    except DBAPIError as error:
        if unavailable(error):
            raise StoreUnavailable(str(error.orig)) from error
        raise
    except OSError as error:
        raise StoreUnavailable(str(error)) from error
