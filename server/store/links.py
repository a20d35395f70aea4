"""The tracked links of a project, kept from one publication to the next: their addresses are out."""

import json
from collections.abc import Sequence

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.link import Link
from server.store.schema.messages import tracked_links

_KEEP = text(
    "INSERT INTO tracked_links (key, name, url, utm, slug, withdrawn) "
    "VALUES (:key, :name, :url, :utm, :slug, false) ON CONFLICT (key) DO UPDATE SET "
    "name = excluded.name, url = excluded.url, utm = excluded.utm, "
    "withdrawn = false"
)


async def declare(conn: AsyncConnection, links: Sequence[Link]) -> None:
    """Keep what the rules declare now; what they no longer do is withdrawn, not forgotten.

    A link known already keeps the short address it was first given.
    """
    await conn.execute(update(tracked_links).values(withdrawn=True))
    rows = [
        {
            "key": key_of(link.name),
            "name": link.name,
            "url": link.url,
            "utm": json.dumps(dict(link.utm), ensure_ascii=False),
            "slug": link.slug,
        }
        for link in links
    ]
    if rows:
        await conn.execute(_KEEP, rows)


async def all_links(conn: AsyncConnection) -> tuple[Link, ...]:
    """Every link ever declared, by name."""
    rows = await conn.execute(select(tracked_links).order_by(tracked_links.c.key))
    return tuple(
        Link(row.name, row.url, row.slug, json.loads(row.utm), row.withdrawn) for row in rows
    )
