"""The server's own time zone, remembered: once it is another, days begin elsewhere for the rules
that name none, and every instant awaited for their sake is to be found anew."""

from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.schema.server import server_settings

_ZONE = "zone"


async def moved(conn: AsyncConnection, zone: ZoneInfo) -> bool:
    """Whether the zone is not the one known until now; it is known from here on."""
    mine = server_settings.c.name == _ZONE
    known = await conn.scalar(select(server_settings.c.value).where(mine))
    if known == str(zone):
        return False
    await conn.execute(delete(server_settings).where(mine))
    await conn.execute(insert(server_settings).values(name=_ZONE, value=str(zone)))
    return True
