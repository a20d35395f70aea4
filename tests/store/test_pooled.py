"""Behind a PgBouncer that shares sessions, a server refuses to start and says why; it does start by session."""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import URL, make_url

from bench.ports import free_port
from relance.errors import ConfigurationError
from server.store import sole
from server.store.pooled import refuse_shared_sessions

BOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


@contextmanager
def pgbouncer(base: URL, mode: str, size: int = 5) -> Iterator[str]:
    """A real one before that database, under the account that the database is of; its address."""
    if BOUNCER is None:
        pytest.skip("pgbouncer n’est pas installé")
    port, host = free_port(), str(base.query["host"])
    with tempfile.TemporaryDirectory(prefix="relance-pgbouncer-") as folder:
        Path(folder).chmod(0o755)
        given = f"host={host} dbname={base.database} user={base.username}"
        written = Path(folder, "pgbouncer.ini")
        written.write_text(
            f"[databases]\nessai = {given}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {port}\nauth_type = any\npool_mode = {mode}\nunix_socket_dir =\n"
            f"default_pool_size = {size}\n",
            encoding="utf-8",
        )
        account = ("-u", Path(host).owner()) if os.getuid() == 0 else ()
        running = subprocess.Popen([BOUNCER, "-q", *account, str(written)])
        address = f"postgresql://essai@127.0.0.1:{port}/essai"
        try:
            limit = time.monotonic() + 10
            while not asyncio.run(_answers(address)):
                assert time.monotonic() < limit, "pgbouncer did not start"
                assert running.poll() is None, "pgbouncer did not start"
                time.sleep(0.1)
            yield address
        finally:
            running.terminate()
            running.wait(10)


async def _answers(address: str) -> bool:
    try:
        connection = await asyncpg.connect(address, statement_cache_size=0, timeout=2)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False
    await connection.close()
    return True


@pytest.mark.parametrize(
    ("mode", "size"), [("transaction", 5), ("transaction", 1), ("statement", 5)]
)
def test_sessions_that_are_shared_are_refused_with_the_reason(
    lent_postgresql: str, mode: str, size: int
) -> None:
    with pgbouncer(make_url(lent_postgresql), mode, size) as address:
        for taking in (sole.alone, sole.helper, refuse_shared_sessions):
            with pytest.raises(ConfigurationError, match=r"PgBouncer.*connexion directe"):
                asyncio.run(taking(address))


def test_a_session_of_ones_own_is_let_in_directly_and_through_pgbouncer(
    lent_postgresql: str,
) -> None:
    async def taken(address: str) -> None:
        await (await sole.alone(address)).release()

    asyncio.run(taken(lent_postgresql))
    with pgbouncer(make_url(lent_postgresql), "session") as address:
        asyncio.run(taken(address))


async def test_a_base_that_is_away_is_left_to_whoever_opens_it(tmp_path: Path) -> None:
    await refuse_shared_sessions(f"postgresql://nobody@127.0.0.1:{free_port()}/absente")
    await refuse_shared_sessions(f"sqlite:///{tmp_path}/relance.db")
