"""Counts by hour of what strangers can have the server do: messages to one address, codes tried.

A key is a hash: what was counted of a person who is erased tells nothing of them. A count costs one
look at the hours of a window, whatever came before; `server.housekeeping` forgets the others.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy import delete, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import leads
from server.store.bulk import insert_rows
from server.store.instants import HOUR, Micros
from server.store.schema.messages import recipient_counts

WINDOW_HOURS = 24
_KEPT_HOURS = 48  # a clock set back finds them yet
_AGAIN = "ON CONFLICT (key, hour) DO UPDATE SET count = recipient_counts.count + excluded.count"


def key_of(*what: str) -> str:
    """How something is counted."""
    return hashlib.blake2b("\0".join(what).encode(), digest_size=16).hexdigest()


async def counted(conn: AsyncConnection, keys: Iterable[str], now: Micros) -> Counter[str]:
    """How often each was counted in the window that ends now."""
    asked = sorted(keys)
    if not asked:
        return Counter()
    query = text(
        "SELECT key, sum(count) FROM recipient_counts "  # noqa: S608
        f"WHERE key IN {leads.among(conn.dialect.name, 'keys', 'TEXT')} AND hour >= :since "
        "GROUP BY key"
    )
    bound = {"keys": json.dumps(asked), "since": now // HOUR - WINDOW_HOURS}
    return Counter({key: int(count) for key, count in await conn.execute(query, bound)})


async def add(conn: AsyncConnection, counts: Mapping[str, int], now: Micros) -> None:
    """Count so many more of each."""
    rows = [(key, now // HOUR, count) for key, count in sorted(counts.items())]
    await insert_rows(conn, "recipient_counts", ("key", "hour", "count"), rows, _AGAIN)


async def forget(conn: AsyncConnection, now: Micros, at_once: int) -> int:
    """Forget some of the counts no window reaches any more; how many."""
    key = tuple_(recipient_counts.c.key, recipient_counts.c.hour)
    old = (
        select(recipient_counts.c.key, recipient_counts.c.hour)
        .where(recipient_counts.c.hour < now // HOUR - _KEPT_HOURS)
        .order_by(recipient_counts.c.hour)
        .limit(at_once)
    )
    return (await conn.execute(delete(recipient_counts).where(key.in_(old)))).rowcount
