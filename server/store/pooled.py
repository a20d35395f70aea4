"""Whether a connection is one session of PostgreSQL's, which all that a server holds by one rests on.

What stands between may share sessions among connections, one transaction after another (PgBouncer in
mode « transaction », or « statement »): the lock that says whose the database is, the number of a
process, what is listened to, the statements kept prepared would each be of whoever came last.
"""

import asyncio
from importlib import import_module
from typing import Any

from sqlalchemy import make_url

from relance.errors import ConfigurationError
from server.store import connect

_PID = "SELECT pg_backend_pid()"
#: Another connection may pass in between: it is asked so often.
_TIMES = 3
#: What does not answer in this time, in seconds, is for others to find out.
_PATIENCE = 5.0
#: What PgBouncer says of a transaction in mode « statement ».
_BY_STATEMENT = "statement pooling"


def refusal() -> ConfigurationError:
    """The sentence."""
    return ConfigurationError(
        "Un intermédiaire (PgBouncer en mode «\u00a0transaction\u00a0» ou «\u00a0statement\u00a0») partage "
        "les connexions à cette base : elle ne peut être réservée à un serveur, ni ses processus se "
        "compter, car un verrou y serait celui d’un autre l’instant d’après. Donnez au réglage "
        "«\u00a0base\u00a0» une connexion directe à PostgreSQL, ou le mode «\u00a0session\u00a0»."
    )


async def refuse_shared_sessions(url: str) -> None:
    """Raise `ConfigurationError` when a connection to that address is no session of its own.

    Anything else that is wrong is found by whoever opens the database.
    """
    if make_url(url).get_backend_name() != "postgresql":
        return
    connect.refuse_without_driver()
    asyncpg: Any = import_module("asyncpg")
    try:
        async with asyncio.timeout(_PATIENCE):
            shared = await _shared(asyncpg, url)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        shared = _BY_STATEMENT in str(error)
    if shared:
        raise refusal()


async def _shared(asyncpg: Any, url: str) -> bool:
    first, second = await _connected(asyncpg, url), None
    try:
        second = await _connected(asyncpg, url)
        for _ in range(_TIMES):
            mine = await _asked(first)
            async with second.transaction():
                # Whoever has a session of their own finds it nowhere else, and finds it again.
                if await second.fetchval(_PID) == mine:
                    return True
                if await _asked(first) != mine:
                    return True
        return False
    finally:
        for one in (first, second):
            if one is not None:
                one.terminate()


async def _asked(connection: Any) -> int:
    async with connection.transaction():
        return int(await connection.fetchval(_PID))


async def _connected(asyncpg: Any, url: str) -> Any:
    given = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    # Nothing is kept prepared: that alone would fail there, in words of its own.
    return await asyncpg.connect(given, statement_cache_size=0)
