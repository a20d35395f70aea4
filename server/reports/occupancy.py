"""Where the people inside a campaign are, by the identity of the statement they stand at."""

from collections import Counter
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program_codec import from_json
from server.reports.performance.places import places
from server.store.schema.campaigns import campaigns, versions


async def inside(conn: AsyncConnection, keys: Collection[str]) -> Mapping[str, int]:
    """How many stand at each, whatever version they entered; `keys`: the names of the campaign."""
    campaign = await conn.scalar(
        select(campaigns.c.id).where(campaigns.c.key.in_(sorted(keys))).limit(1)
    )
    found: Counter[str] = Counter()
    if campaign is None:
        return found
    rows = await places(conn, campaign)
    wanted = {row[0] for row in rows}
    known = select(versions.c.id, versions.c.program).where(versions.c.id.in_(wanted))
    programs = {row.id: from_json(row.program) for row in await conn.execute(known)}
    for version, statement, count in rows:
        statements = programs[version].statements
        if 0 <= statement < len(statements):
            found[statements[statement].key] += count
    return found
