"""Where the people inside a campaign stand, by version and statement."""

from collections.abc import Sequence

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.reports.performance.reading import counted
from server.store.counting import counted_by
from server.store.schema.campaigns import enrolments


async def places(conn: AsyncConnection, campaign: int) -> Sequence[tuple[int, int, int]]:
    """The version, the statement, and how many stand there; read off the counters where they are kept."""
    if await counted_by(conn) is not None:
        found = await counted(conn, (campaign,), ("inside",), None, "version_id", "place")
        return [(row.version_id, row.place, row.n) for row in found if row.n > 0]
    at = (enrolments.c.version_id, enrolments.c.statement)
    here = (enrolments.c.campaign_id == campaign, text("enrolments.active"))  # an index says so
    query = select(*at, func.count()).where(*here)
    return [(row[0], row[1], row[2]) for row in await conn.execute(query.group_by(*at))]
