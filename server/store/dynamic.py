"""Which lists are made by a condition: nobody is put on them by hand."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.schema.rules import dynamic_lists


async def dynamic_keys(conn: AsyncConnection) -> frozenset[str]:
    """The keys of the dynamic lists: nobody is put on one, or taken off, by hand."""
    return frozenset(await conn.scalars(select(dynamic_lists.c.key)))
