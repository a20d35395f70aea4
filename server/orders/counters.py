"""The verb that makes the counters of reports anew."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.host import Clock
from server.reports import french
from server.store.counters import keeping
from server.store.counters.agreement import counted_rows
from server.store.store import Store


async def recount(
    conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]
) -> str:
    """Count everything again. `fuseau`: the zone of the days."""
    await keeping.recount(conn, ZoneInfo(given["fuseau"]))
    count = await counted_rows(conn)
    store.counting = True
    return f"{french.count(count, 'compte refait', 'comptes refaits')} d’après le journal."
