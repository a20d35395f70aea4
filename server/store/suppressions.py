"""The addresses that are not written to, and what became of those that were by mistake."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.contacts import address_key
from server.store.instants import Micros
from server.store.schema.messages import lifted_suppressions, suppressions


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address left alone on a channel. `asked`: by the person, and not by a server's word."""

    channel: str
    address: str
    reason: str
    at: Micros
    asked: bool


async def suppress(
    conn: AsyncConnection, channel: str, address: str, reason: str, now: Micros, *, asked: bool
) -> None:
    """Leave an address alone. The first reason stays, but for the person's own word, which prevails."""
    await conn.execute(
        text(
            "INSERT INTO suppressions (channel, address_key, reason, at, asked) "
            "VALUES (:channel, :address, :reason, :now, :asked) "
            "ON CONFLICT (channel, address_key) DO UPDATE SET "
            "reason = excluded.reason, at = excluded.at, asked = excluded.asked "
            "WHERE excluded.asked AND NOT suppressions.asked"
        ),
        {
            "channel": channel,
            "address": address_key(address),
            "reason": reason,
            "now": now,
            "asked": asked,
        },
    )


async def find(conn: AsyncConnection, channel: str, address: str) -> Suppression | None:
    """What is known of that address on that channel."""
    query = select(suppressions).where(
        suppressions.c.channel == channel, suppressions.c.address_key == address_key(address)
    )
    row = (await conn.execute(query)).first()
    return None if row is None else _read(row)


async def forget(conn: AsyncConnection, channel: str, address: str) -> bool:
    """Write to that address again, as it asks; whether it was left alone."""
    gone = delete(suppressions).where(
        suppressions.c.channel == channel, suppressions.c.address_key == address_key(address)
    )
    return bool((await conn.execute(gone)).rowcount)


async def lift(conn: AsyncConnection, known: Suppression, why: str, now: Micros) -> None:
    """Undo a suppression, and keep that it was, and why it no longer is."""
    await forget(conn, known.channel, known.address)
    values = {
        "channel": known.channel,
        "address_key": known.address,
        "reason": known.reason,
        "at": known.at,
        "asked": known.asked,
        "why": why,
        "lifted_at": now,
    }
    await conn.execute(insert(lifted_suppressions).values(values))


async def lifted(conn: AsyncConnection, channel: str, address: str) -> bool:
    """Whether a suppression of that address was lifted."""
    table = lifted_suppressions.c
    query = select(table.lifted_at).where(
        table.channel == channel, table.address_key == address_key(address)
    )
    return (await conn.execute(query.limit(1))).first() is not None


async def latest(conn: AsyncConnection, channel: str | None, most: int) -> Sequence[Suppression]:
    """Those left alone, the last first."""
    query = select(suppressions).order_by(suppressions.c.at.desc(), suppressions.c.address_key)
    if channel is not None:
        query = query.where(suppressions.c.channel == channel)
    return [_read(row) for row in await conn.execute(query.limit(most))]


async def latest_lifted(conn: AsyncConnection, channel: str | None, most: int) -> Sequence[Any]:
    """Those written to again by an operator's word, the last first: rows of the log."""
    table = lifted_suppressions
    query = select(table).order_by(table.c.lifted_at.desc(), table.c.id.desc())
    if channel is not None:
        query = query.where(table.c.channel == channel)
    return (await conn.execute(query.limit(most))).all()


def _read(row: Any) -> Suppression:
    return Suppression(row.channel, row.address_key, row.reason, row.at, bool(row.asked))
