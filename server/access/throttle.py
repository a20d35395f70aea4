"""Guessing is slowed down: by account whether it exists or not, and by address.

Who has to wait is told so by a look, and has nothing written. A failure is counted before the password is looked at, so that a hundred at once are not one; a
success takes it back. The wait doubles, and has a bound: nobody is shut out for good by another.
"""

from collections.abc import Mapping

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from server.access.opaque import digest_of
from server.store.instants import DAY, MINUTE, SECOND, Micros
from server.store.schema.access import sign_in_attempts as attempts

#: How many failures are free, of an account and of an address: an office has one address.
OF_ACCOUNT, OF_ADDRESS = 5, 20
_FIRST, _MOST = 30 * SECOND, 15 * MINUTE


def key(kind: str, value: str) -> str:
    """What counts for that account, address…: it tells neither."""
    return digest_of(f"{kind}:{value}")


def pause(failures: int, free: int) -> Micros:
    """How long to wait after so many."""
    return 0 if failures < free else min(_FIRST << min(failures - free, 10), _MOST)


async def wait_of(
    conn: AsyncConnection, keys: Mapping[str, int], now: Micros, *, held: bool = False
) -> Micros:
    """How long an attempt of these keys has to wait, by how many are free; `held`: until it is counted."""
    query = select(attempts).where(attempts.c.key.in_(keys), attempts.c.last_at > now - DAY)
    rows = (await conn.execute(query.with_for_update() if held else query)).all()
    waits = [row.last_at + pause(row.failures, keys[row.key]) - now for row in rows]
    longest: Micros = max(waits, default=0)
    return max(longest, 0)


async def attempt(conn: AsyncConnection, keys: Mapping[str, int], now: Micros) -> Micros:
    """Count an attempt for each key, by how many are free; 0, or how long to wait, nothing counted."""
    if wait := await wait_of(conn, keys, now, held=True):
        return wait
    await conn.execute(delete(attempts).where(attempts.c.last_at <= now - DAY))
    insert = (sqlite if conn.dialect.name == "sqlite" else postgresql).insert(attempts)
    counted = insert.on_conflict_do_update(
        index_elements=["key"], set_={"failures": attempts.c.failures + 1, "last_at": now}
    )
    await conn.execute(counted, [{"key": one, "failures": 1, "last_at": now} for one in keys])
    return 0


async def forget(conn: AsyncConnection, *keys: str) -> None:
    """It was right after all."""
    await conn.execute(delete(attempts).where(attempts.c.key.in_(keys)))


async def take_back(conn: AsyncConnection, one: str) -> None:
    """One attempt of an address was right: what others tried from there stays counted."""
    await conn.execute(
        update(attempts).where(attempts.c.key == one).values(failures=attempts.c.failures - 1)
    )


async def wrong(conn: AsyncConnection, keys: Mapping[str, int], now: Micros) -> None:
    """The wait begins now; of an unknown account as of a known one, so that neither takes longer."""
    await conn.execute(update(attempts).where(attempts.c.key.in_(keys)).values(last_at=now))
