"""Where the people inside a campaign stand, by version, statement and step."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.reports.performance.reading import counted
from server.store.counting import counted_by
from server.store.schema.campaigns import enrolments


class Stand(NamedTuple):
    """So many stand at that statement, in that step; None: in none."""

    version_id: int
    statement: int
    step: str | None
    people: int


async def stands(conn: AsyncConnection, campaign: int) -> Sequence[Stand]:
    """Where they stand and how many; read off the counters where they are kept."""
    if await counted_by(conn) is not None:
        found = await counted(
            conn, (campaign,), ("inside",), None, "version_id", "place", "subject"
        )
        return [
            Stand(row.version_id, row.place, row.subject or None, row.n)
            for row in found
            if row.n > 0
        ]
    at = (enrolments.c.version_id, enrolments.c.statement, enrolments.c.step)
    here = (enrolments.c.campaign_id == campaign, text("enrolments.active"))  # an index says so
    query = select(*at, func.count()).where(*here)
    return [Stand(*row) for row in await conn.execute(query.group_by(*at))]


async def places(conn: AsyncConnection, campaign: int) -> Sequence[tuple[int, int, int]]:
    """The version, the statement, and how many stand there, whatever their step."""
    found = Counter[tuple[int, int]]()
    for one in await stands(conn, campaign):
        found[one.version_id, one.statement] += one.people
    return [(*at, count) for at, count in found.items()]
