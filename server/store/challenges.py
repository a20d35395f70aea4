"""Codes sent to addresses, kept as keyed hashes; how often they may be tried is bounded three ways.

Six figures are guessed in half a million tries. A code bears five, an address fifteen a day
whatever the codes sent to it, and whoever tries thirty a day whatever the addresses. Every try
counts before it is looked at, in the transaction that answers: a crash gives none back.
"""

import hmac
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.challenge import Miss
from server.store import hourly
from server.store.contacts import address_key, phone_key
from server.store.instants import Micros
from server.store.schema.trust import challenges

MOST_A_CODE, MOST_AN_ADDRESS, MOST_A_SENDER = 5, 15, 30


class Kept(NamedTuple):
    """A code as it is kept: `whom` and `digest` are hashes."""

    whom: str
    lead_id: int
    key: str
    digest: str
    sent_at: Micros
    until: Micros


def canonical(address: str, region: str) -> str:
    """The one form of an address of any kind, to be recognised when it is typed another way."""
    number = None if "@" in address else phone_key(address, region)
    return number or address_key(address)


async def keep(conn: AsyncConnection, one: Kept) -> None:
    """Keep a code in place of any other sent there. The same again has the tries it had."""
    query = text(
        "INSERT INTO challenges (whom, lead_id, key, digest, tries, sent_at, until) "
        "VALUES (:whom, :lead_id, :key, :digest, 0, :sent_at, :until) "
        "ON CONFLICT (whom) DO UPDATE SET lead_id = excluded.lead_id, key = excluded.key, "
        "digest = excluded.digest, sent_at = excluded.sent_at, until = excluded.until, "
        "tries = CASE WHEN challenges.key = excluded.key THEN challenges.tries ELSE 0 END"
    )
    await conn.execute(query, dict(zip(Kept._fields, one, strict=True)))


async def answered(
    conn: AsyncConnection, whom: str, digest: str, sender: str | None, now: Micros
) -> Kept | Miss:
    """The code that was typed right; in the caller's writing transaction."""
    if await too_many(conn, whom, sender, now):
        return Miss.TOO_MANY
    await hourly.add(conn, dict.fromkeys(_bounds(whom, sender), 1), now)
    tried = text(
        "UPDATE challenges SET tries = tries + 1 WHERE whom = :whom AND until > :now "
        "AND tries < :most RETURNING whom, lead_id, key, digest, sent_at, until"
    )
    row = (await conn.execute(tried, {"whom": whom, "now": now, "most": MOST_A_CODE})).first()
    if row is None or not hmac.compare_digest(row.digest, digest):
        return Miss.WRONG
    return Kept(*row)


async def too_many(conn: AsyncConnection, whom: str, sender: str | None, now: Micros) -> bool:
    """Whether that address, or whoever tries, has had all its tries of a day."""
    most = _bounds(whom, sender)
    counts = await hourly.counted(conn, most, now)
    return any(counts[key] >= bound for key, bound in most.items())


def _bounds(whom: str, sender: str | None) -> Mapping[str, int]:
    """What a try is counted by, and how many of each there may be."""
    most = {hourly.key_of("challenge", whom): MOST_AN_ADDRESS}
    if sender is not None:
        most[hourly.key_of("challenge sender", sender)] = MOST_A_SENDER
    return most


async def forget(conn: AsyncConnection, now: Micros, at_once: int) -> int:
    """Forget some of the codes that hold no more; how many."""
    old = select(challenges.c.whom).where(challenges.c.until < now).limit(at_once)
    return (await conn.execute(delete(challenges).where(challenges.c.whom.in_(old)))).rowcount
