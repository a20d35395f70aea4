"""The database, as the rest of the server sees it: one way to write, one way to read."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, delete, insert, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from relance.errors import StoreUnavailable
from server import private
from server.store import connect
from server.store.counting import counted_by
from server.store.fields import FieldCatalogue
from server.store.forgotten import Forgotten
from server.store.handover import Handover, Work
from server.store.ids import EventIds
from server.store.instants import HasNow
from server.store.migrate import create, make_sure, migrate
from server.store.rekeying import rekey
from server.store.schema.server import server_settings
from server.store.scouring import scour
from server.store.tenure import Superseded, Tenure, take
from server.store.uncut import transaction

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
    # Another process has changed a table since: the driver prepares its statements anew.
    *(_STALE := ("cached plan must not change", "cached statement plan is invalid")),
)
#: How long a store that closes tries to say where its ids end, in seconds.
_LEAVING = 2.0
#: What is written, then taken back, to know whether there is room again: as much as a large form.
_PROBE = "." * 65_536


class Store:
    """Opened by `Store.open`; every connection is closed by `close`."""

    def __init__(
        self,
        writer: AsyncEngine,
        readers: AsyncEngine | None,
        clock: HasNow,
        path: str | None = None,
        process: int = 0,
    ) -> None:
        self._writer = writer
        self._readers = readers
        #: Who writes, on SQLite; and which of those who do not press waits for it.
        self._lock, self._queue = asyncio.Lock(), asyncio.Lock()
        self._reserving = asyncio.Lock()
        self._handover: Handover | None = None
        self._tenure: Tenure | None = None
        #: SQLite’s file; None elsewhere.
        self._path = path
        #: Why nothing may be written for now, if so.
        self._suspended: str | None = None
        #: Called when another server has taken the database.
        self.on_superseded: Callable[[], None] = _nothing
        self._refusing = False
        self.dialect: str = writer.dialect.name
        #: Which of the processes of the database this is; 0: the first, or the only one.
        self.process = process
        self.ids = EventIds(clock, process=process)
        self.fields = FieldCatalogue()
        self.forgotten = Forgotten()
        #: Whether the base keeps counters (`server.store.counters`), which who writes by sets must.
        self.counting = False

    @classmethod
    async def open(
        cls, url: str, clock: HasNow, process: int = 0, *, among: bool = False
    ) -> "Store":
        """Open `sqlite:///path`, `sqlite://` (in memory) or `postgresql://…`, migrated to head.

        The database is then this store's: any other one that had it writes no more. On PostgreSQL
        it may be that of several processes, each of a number of its own: those after the first
        find it as the first made it, or raise `OlderTables` or `NewerTables`. `among`: the first is to have helpers.
        """
        given = make_url(url)
        if given.get_backend_name() == "postgresql":
            engine = connect.postgresql(url, among=among or process > 0)
            store = cls(engine, engine, clock, process=process)
            await store._start(make_sure if process else migrate)
            return store
        path = given.database if given.database not in (None, "", ":memory:") else None
        if path is None:
            store = cls(connect.in_memory(), None, clock)
            await store._start(create)
            return store
        private.file(Path(path))
        store = cls(connect.sqlite_writer(path), connect.sqlite_readers(path), clock, path)
        await store._start(migrate)
        return store

    async def _start(self, prepare: Callable[[Connection], None]) -> None:
        try:
            async with self.write() as conn:
                await conn.run_sync(prepare)
            if not self.process:
                await rekey(self.write)
            async with self.write() as conn:
                await self.fields.load(conn)
                self.counting = await counted_by(conn) is not None
                lasts = self._readers is not None
                tenure = await take(conn, self.ids, self.process) if lasts else None
            self._tenure = tenure
            if self.dialect == "sqlite" and self._readers is not None:
                self._handover = await Handover.to(self._writer)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of every connection."""
        await self._leave()
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
                async with self._queue, self._lock, self._owned() as conn:
                    yield conn
            else:
                async with self._owned() as conn:
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

    @asynccontextmanager
    async def unbound(self) -> AsyncIterator[AsyncConnection]:
        """A connection in no transaction, for what PostgreSQL does in none."""
        async with self._writer.connect() as conn:
            yield await conn.execution_options(isolation_level="AUTOCOMMIT")

    async def transact(self, work: Work[T], *, pressing: bool = False) -> T:
        """Do `work` in a writing transaction, as `write` does, in one go where that is cheaper.

        It may await nothing but its connection. `pressing`: a visitor waits for it, so that on
        SQLite, where one writes at a time, it goes before all who do not press but one.
        """
        if self._handover is None:
            return await self.attempt(work)
        reserved = 0

        async def checked(conn: AsyncConnection) -> T:
            nonlocal reserved
            reserved = await self._check_tenure(conn)
            return await work(conn)

        async with self._turn(pressing=pressing):
            with self._watched(), _as_unavailable(), self.ids.transaction():
                done = await self._handover.run(checked)
        self.ids.reserved(reserved)
        return done

    @asynccontextmanager
    async def _turn(self, *, pressing: bool) -> AsyncIterator[None]:
        """Who does not press waits in a queue of its own, of which one at a time is at the door."""
        async with nullcontext() if pressing else self._queue, self._lock:
            yield

    async def attempt(self, work: Work[T]) -> T:
        """Do `work` in a writing transaction; again when it had to give way to another, or to a new column.

        Unlike that of `transact`, it may await anything; what it did before is undone each time.
        """
        for _ in range(_GIVEN_WAY):
            try:
                async with self.write() as conn:
                    return await work(conn)
            except StoreUnavailable as error:
                if not _gives_way(error):
                    raise
        async with self.write() as conn:
            return await work(conn)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Remember whether the last transaction could be written."""
        try:
            yield
        except Superseded:
            self.on_superseded()
            raise
        except StoreUnavailable:
            self._refusing = True
            raise
        else:
            self._refusing = False

    async def writable(self) -> bool:
        """Whether writing works; after a failure, a small write tells whether it does again.

        Nothing is written otherwise: this is but a question. It waits as long as a write would:
        whoever asks bounds that.
        """
        if not self._refusing:
            try:
                await self._see_tenure()
            except StoreUnavailable:
                return False
            return True
        probe = {"name": "probe", "value": _PROBE}
        with suppress(StoreUnavailable):
            async with self.write() as conn:
                await conn.execute(insert(server_settings), probe)
                await conn.execute(delete(server_settings).where(server_settings.c.name == "probe"))
        return not self._refusing

    def _refuse_suspended(self) -> None:
        if self._suspended is not None:
            raise StoreUnavailable(self._suspended)

    async def _check_tenure(self, conn: AsyncConnection) -> int:
        self._refuse_suspended()
        return 0 if self._tenure is None else await self._tenure.check(conn)

    async def _see_tenure(self) -> None:
        """On SQLite, this takes the right to write and gives it back."""
        turn = self._turn(pressing=False) if self.dialect == "sqlite" else nullcontext()
        with self._watched():
            async with turn, self._transaction(self._writer) as conn:
                self._refuse_suspended()
                if self._tenure is not None:
                    await self._tenure.see(conn)

    @asynccontextmanager
    async def _owned(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction, while the database is ours."""
        if self.dialect != "sqlite" and self._tenure is not None and self._suspended is None:
            await self._reserve(self._tenure)
        with self.ids.transaction():
            async with self._transaction(self._writer) as conn:
                reserved = await self._check_tenure(conn)
                yield conn
        self.ids.reserved(reserved)

    async def _reserve(self, tenure: Tenure) -> None:
        """Reserve ids apart: in a transaction that lasts, it would hold up all others meanwhile."""
        async with self._reserving:
            if self.ids.wanted() is None:
                return
            async with self._transaction(self._writer) as conn:
                reserved = await tenure.check(conn)
            self.ids.reserved(reserved)

    @property
    def owner(self) -> int | None:
        """What marks as this process's what it alone is to do; None on SQLite, where it is alone."""
        return None if self._tenure is None or self.dialect == "sqlite" else self._tenure.mark

    def suspend(self, why: str) -> None:
        """Write nothing until `resume`."""
        self._suspended = why

    @property
    def suspended(self) -> bool:
        """Whether nothing is written for now."""
        return self._suspended is not None

    async def resume(self) -> None:
        """Write again. Raises `Superseded` if another server has taken the database meanwhile."""
        self._suspended = None
        async with self.write():
            pass

    async def _leave(self) -> None:
        """What is not written of this costs the next server some seconds of ids, nothing else."""
        tenure, self._tenure = self._tenure, None
        if tenure is None or self._suspended is not None:
            return
        with suppress(StoreUnavailable, DBAPIError, TimeoutError):
            async with asyncio.timeout(_LEAVING), self.write() as conn:
                await tenure.leave(conn)

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        with _as_unavailable():
            async with transaction(engine) as conn:
                yield conn

    async def scour(self, words: Collection[bytes]) -> bool:
        """Leave nothing in the base's file of what its tables no longer hold; False if they are there.

        Nobody writes meanwhile. PostgreSQL's files are tidied by PostgreSQL.
        """
        handover = self._handover
        if handover is None:
            return True
        async with self._queue, self._lock:
            path = Path(str(self._path))
            return await handover.outside(lambda connection: scour(connection, path, words))

    async def declare_fields(self, declared: Sequence[tuple[str, str, tuple[str, ...]]]) -> None:
        """Give each (name, type, choices) of the project a column of its own."""
        async with self.write() as conn:
            await self.fields.declare(conn, declared)

    async def declare_currency(self, code: str) -> None:
        """Say in which currency amounts are that say none."""
        if code != self.fields.currency:
            async with self.write() as conn:
                await self.fields.declare_currency(conn, code)


def _nothing() -> None:
    """Nobody to tell."""


def _sqlstate(error: BaseException | None) -> str:
    """PostgreSQL's code of what went wrong; empty on SQLite."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def _gives_way(error: StoreUnavailable) -> bool:
    stale = any(words in str(error).lower() for words in _STALE)
    return stale or _sqlstate(error.__cause__).startswith("40")


def unavailable(error: DBAPIError) -> bool:
    """Whether this means « not now » rather than a bug."""
    if error.connection_invalidated or _sqlstate(error).startswith(_PASSING):
        return True
    said = str(error.orig).lower()
    return any(words in said for words in _UNAVAILABLE)


#: What a driver says of a base that cannot be opened, and what that means to whoever runs it.
_WHY = {
    "file is not a database": "ce fichier n’est pas une base de Relance",
    "malformed": "ce fichier est abîmé : remettez votre dernière sauvegarde",
    "unable to open database": "ce fichier ne peut pas être ouvert : voyez son nom et ses droits",
    "readonly database": "ce fichier ne peut qu’être lu : voyez ses droits",
    "database is locked": "un autre programme s’en sert",
    "disk is full": "il ne reste plus de place",
    "password authentication failed": "le compte ou le mot de passe est refusé",
    "no pg_hba.conf entry": "PostgreSQL n’accepte pas ce compte de cette machine",
    "does not exist": "PostgreSQL n’a pas ce compte, ou pas cette base",
    "too many clients": "PostgreSQL n’accepte plus de connexion",
    "unsupported startup parameter": "un intermédiaire (PgBouncer) refuse un réglage que le serveur donne à la connexion : donnez une connexion directe à PostgreSQL",
    "starting up": "PostgreSQL démarre : attendez un instant",
    "permission denied": "ce compte n’a pas les droits qu’il faut sur cette base",
}


def in_french(error: BaseException) -> str:
    """Why a database does not answer, in a few words; the driver's own for what is rare."""
    said = str(error)
    return next((why for words, why in _WHY.items() if words in said.lower()), said)


def of_driver(error: BaseException) -> bool:
    """Whether that is PostgreSQL's refusal, which its driver does not always hand to SQLAlchemy."""
    return type(error).__module__.partition(".")[0] == "asyncpg"


@contextmanager
def _as_unavailable() -> Iterator[None]:
    """Say « not now » in the contract's words."""
    try:
        yield
    except DBAPIError as error:
        if unavailable(error):
            raise StoreUnavailable(str(error.orig)) from error
        raise
    except (OSError, NoConnection) as error:
        raise StoreUnavailable(str(error)) from error
