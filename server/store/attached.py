"""Addresses of leads that no field holds: the browsers that take a lead's notifications.

A lead may have many on a channel; each belongs to one lead, the last that brought it, or whose
browser it was brought by once that browser is proven to be another's.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy import text as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.instants import Micros
from server.store.leads import among
from server.store.schema.messages import attached

#: A lead has no more browsers than that; beyond, the oldest are forgotten.
MOST = 20


class BroughtBy(NamedTuple):
    """By which browser (its mark), and the type of the event told of a lead it comes to be of."""

    visitor: str | None = None
    event_type: str | None = None


NOBODY = BroughtBy()


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


async def attach(
    conn: AsyncConnection,
    channel: str,
    name: str,
    lead: int,
    text: str,
    now: Micros,
    brought: BroughtBy = NOBODY,
) -> None:
    """Make it the lead's; whoever it was of loses it."""
    values = {
        "lead_id": lead,
        "name": name,
        "text": text,
        "at": now,
        "visitor": brought.visitor,
        "told": brought.event_type,
    }
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    row = insert(attached).values(channel=channel, hash=_hash(name), **values)
    await conn.execute(row.on_conflict_do_update(index_elements=["channel", "hash"], set_=values))
    older = (
        select(attached.c.hash)
        .where(attached.c.lead_id == lead, attached.c.channel == channel)
        .order_by(attached.c.at.desc(), attached.c.hash)
        .offset(MOST)
        .limit(MOST)
    )
    found = list((await conn.execute(older)).scalars())
    if found:
        await conn.execute(
            delete(attached).where(attached.c.channel == channel, attached.c.hash.in_(found))
        )


async def follow(conn: AsyncConnection, owners: Mapping[str, int]) -> list[tuple[int, str]]:
    """Give what those browsers brought to the leads they are of now: (lead, what is told of it)."""
    if not owners:
        return []
    query = sql(
        "SELECT channel, hash, lead_id, visitor, told FROM attached "  # noqa: S608
        f"WHERE visitor IN {among(conn.dialect.name, 'marks', 'TEXT')} ORDER BY at, hash"
    )
    rows = (await conn.execute(query, {"marks": json.dumps(sorted(owners))})).all()
    followed = [row for row in rows if row.lead_id != owners[row.visitor]]
    for row in followed:
        this = (attached.c.channel == row.channel, attached.c.hash == row.hash)
        moved = update(attached).where(*this).values(lead_id=owners[row.visitor])
        await conn.execute(moved)
    events = ((owners[row.visitor], row.told) for row in followed if row.told)
    return list(dict.fromkeys(events))


async def of_lead(conn: AsyncConnection, channel: str, lead: int) -> dict[str, str]:
    """Those of the lead, by name, in the order they came."""
    query = (
        select(attached.c.name, attached.c.text)
        .where(attached.c.lead_id == lead, attached.c.channel == channel)
        .order_by(attached.c.at, attached.c.hash)
    )
    return {row.name: row.text for row in await conn.execute(query)}


async def of_leads(
    conn: AsyncConnection, channel: str, leads: Collection[int]
) -> dict[int, list[str]]:
    """The hashes that tell apart those of each lead."""
    found: dict[int, list[str]] = {}
    if not leads:
        return found
    query = select(attached.c.lead_id, attached.c.hash).where(
        attached.c.lead_id.in_(sorted(leads)), attached.c.channel == channel
    )
    for lead, name in await conn.execute(query):
        found.setdefault(lead, []).append(name)
    return found


async def holder(conn: AsyncConnection, channel: str, name: str) -> int | None:
    """The lead an address is attached to; None when it is nobody’s."""
    query = select(attached.c.lead_id).where(
        attached.c.channel == channel, attached.c.hash == _hash(name)
    )
    found: int | None = await conn.scalar(query)
    return found


async def detach(conn: AsyncConnection, channel: str, name: str) -> int | None:
    """Forget it; whose it was."""
    gone = (
        delete(attached)
        .where(attached.c.channel == channel, attached.c.hash == _hash(name))
        .returning(attached.c.lead_id)
    )
    found: int | None = (await conn.execute(gone)).scalar_one_or_none()
    return found
