"""How a team puts its campaigns in order: each in one binder at most, and under as many labels as one likes.

By the key of a campaign's name, which a copy has before it is published; a rename carries them along.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from server.store.schema.campaigns import campaign_binders as binders
from server.store.schema.campaigns import campaign_labels as labels

#: Keys that one statement names.
_PART = 500
#: Of binders, and of labels, how many are offered to choose from.
MOST_OFFERED = 200


@dataclass(frozen=True, slots=True)
class CampaignOrder:
    """Where a campaign is put: the name of its binder, empty for none; those of its labels."""

    binder: str = ""
    labels: Sequence[str] = field(default=())


async def orders_of(conn: AsyncConnection, keys: Collection[str]) -> Mapping[str, CampaignOrder]:
    """Those of the campaigns of these keys that are anywhere."""
    binder, named = dict[str, str](), defaultdict[str, list[str]](list)
    for part in _parts(keys):
        found = select(binders.c.campaign_key, binders.c.name)
        for row in await conn.execute(found.where(binders.c.campaign_key.in_(part))):
            binder[row.campaign_key] = row.name
        mine = select(labels.c.campaign_key, labels.c.name).order_by(labels.c.label_key)
        for row in await conn.execute(mine.where(labels.c.campaign_key.in_(part))):
            named[row.campaign_key].append(row.name)
    both = binder.keys() | named.keys()
    return {key: CampaignOrder(binder.get(key, ""), tuple(named[key])) for key in both}


async def offered(conn: AsyncConnection) -> tuple[Sequence[str], Sequence[str]]:
    """The binders there are, and the labels, by name."""
    return (
        await _names(conn, binders, binders.c.binder_key),
        await _names(conn, labels, labels.c.label_key),
    )


async def put(conn: AsyncConnection, keys: Collection[str], name: str) -> int:
    """Have these campaigns in that binder, in none where it is empty; how many were not."""
    named = await _as_named(conn, binders, binders.c.binder_key, name)
    changed = 0
    for part in _parts(keys):
        mine = binders.c.campaign_key.in_(part)
        query = select(binders.c.campaign_key, binders.c.binder_key).where(mine)
        there = {row.campaign_key: row.binder_key for row in await conn.execute(query)}
        key = key_of(name) if name else None
        moved = [one for one in part if there.get(one) != key]
        changed += len(moved)
        await conn.execute(delete(binders).where(binders.c.campaign_key.in_(moved)))
        if moved and key is not None:
            rows = [{"campaign_key": one, "binder_key": key, "name": named} for one in moved]
            await conn.execute(insert(binders), rows)
    return changed


async def label(conn: AsyncConnection, keys: Collection[str], name: str) -> int:
    """Put that label on these campaigns; how many did not have it."""
    named = await _as_named(conn, labels, labels.c.label_key, name)
    changed = 0
    for part in _parts(keys):
        mine = (labels.c.label_key == key_of(name), labels.c.campaign_key.in_(part))
        there = set(await conn.scalars(select(labels.c.campaign_key).where(*mine)))
        rows = [
            {"campaign_key": one, "label_key": key_of(name), "name": named}
            for one in part
            if one not in there
        ]
        changed += len(rows)
        if rows:
            await conn.execute(insert(labels), rows)
    return changed


async def unlabel(conn: AsyncConnection, keys: Collection[str], name: str) -> int:
    """Take that label off these campaigns; how many had it."""
    changed = 0
    for part in _parts(keys):
        mine = (labels.c.label_key == key_of(name), labels.c.campaign_key.in_(part))
        changed += (await conn.execute(delete(labels).where(*mine))).rowcount
    return changed


async def copy(conn: AsyncConnection, former: str, new: str) -> None:
    """Have a campaign, by its key, where another one is: its copy goes beside it."""
    found = (await orders_of(conn, [former])).get(former, CampaignOrder())
    if found.binder:
        await put(conn, [new], found.binder)
    for name in found.labels:
        await label(conn, [new], name)


async def rename(conn: AsyncConnection, former: str, new: str) -> None:
    """Have what was of one key be of another, which is nobody's yet."""
    for table in (binders, labels):
        await forget(conn, new, table)
        mine = update(table).where(table.c.campaign_key == former)
        await conn.execute(mine.values(campaign_key=new))


async def forget(conn: AsyncConnection, key: str, *tables: Any) -> None:
    """A campaign is no more."""
    for table in tables or (binders, labels):
        await conn.execute(delete(table).where(table.c.campaign_key == key))


async def _names(conn: AsyncConnection, table: Any, key: Any) -> Sequence[str]:
    each = select(func.min(table.c.name)).group_by(key).order_by(key).limit(MOST_OFFERED)
    return list(await conn.scalars(each))


async def _as_named(conn: AsyncConnection, table: Any, key: Any, name: str) -> str:
    """The name as it is written already, if it is."""
    known = await conn.scalar(select(table.c.name).where(key == key_of(name)).limit(1))
    return known or name


def _parts(keys: Collection[str]) -> Iterable[list[str]]:
    all_ = sorted(set(keys))
    return (all_[at : at + _PART] for at in range(0, len(all_), _PART))
