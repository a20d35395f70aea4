"""The objectives in figures of campaigns as the store keeps them: nothing of the engine asks about them."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.objectives import Objective
from dsl.program_codec import codec
from relance.fold import key_of
from server.store.schema.campaigns import campaigns
from server.store.schema.goals import campaign_objectives


async def publish(conn: AsyncConnection, found: Mapping[str, Objective]) -> None:
    """Keep these in place of those there were."""
    await conn.execute(delete(campaign_objectives))
    if not found:
        return
    by_key = {key_of(name): one for name, one in found.items()}
    query = select(campaigns.c.key, campaigns.c.id).where(campaigns.c.key.in_(by_key))
    rows = [
        {"campaign_id": row.id, "objective": codec.to_json(by_key[row.key])}
        for row in await conn.execute(query)
    ]
    await conn.execute(insert(campaign_objectives), rows)
