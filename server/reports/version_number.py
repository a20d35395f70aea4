"""The number of a version, as people are told it: its rank among the versions of its campaign.

The id of its row counts those of all campaigns together: it stays inside.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import Subquery, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.schema.campaigns import versions


def numbered(campaign: int | None = None, among: Collection[int] | None = None) -> Subquery:
    """The `id` and the `number` of each version, of that campaign, of those, or of all."""
    of = versions.c.campaign_id
    rank = func.row_number().over(partition_by=of, order_by=versions.c.id)
    query = select(versions.c.id, rank.label("number"))
    if among is not None:
        query = query.where(of.in_(among))
    return (query if campaign is None else query.where(of == campaign)).subquery("numbered")


async def version_numbers(
    conn: AsyncConnection, campaign: int | None = None, among: Collection[int] | None = None
) -> Mapping[int, int]:
    """By id, the number of each version, of that campaign, of those, or of all."""
    each = numbered(campaign, among).c
    return {row.id: row.number for row in await conn.execute(select(each.id, each.number))}
