"""How much each sender had kept lately: what `volume_par_jour` counts, across restarts."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.bulk import insert_rows
from server.store.instants import HOUR, Micros
from server.store.schema.server import sender_shares

#: Given back whole within a day; a clock set back finds them yet.
_KEPT_HOURS = 48
_AGAIN = "ON CONFLICT (sender) DO UPDATE SET spent = excluded.spent, at = excluded.at"

#: Who, how many bytes of their share were taken, at that instant.
Share = tuple[str, int, Micros]


async def latest(conn: AsyncConnection, since: Micros, most: int) -> Sequence[Share]:
    """The last to have taken something since then, so many at most, the latest at the end."""
    query = (
        select(sender_shares.c.sender, sender_shares.c.spent, sender_shares.c.at)
        .where(sender_shares.c.at >= since)
        .order_by(sender_shares.c.at.desc())
        .limit(most)
    )
    found = [(row.sender, row.spent, row.at) for row in await conn.execute(query)]
    return found[::-1]


async def keep(conn: AsyncConnection, shares: Iterable[Share]) -> None:
    """Write those shares over the ones known."""
    await insert_rows(conn, "sender_shares", ("sender", "spent", "at"), sorted(shares), _AGAIN)


async def forget(conn: AsyncConnection, now: Micros, at_once: int) -> int:
    """Forget some of the shares that are whole again; how many."""
    old = (
        select(sender_shares.c.sender)
        .where(sender_shares.c.at < now - _KEPT_HOURS * HOUR)
        .order_by(sender_shares.c.at)
        .limit(at_once)
    )
    query = delete(sender_shares).where(sender_shares.c.sender.in_(old))
    return (await conn.execute(query)).rowcount
