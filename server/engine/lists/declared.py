"""The dynamic lists as the store keeps them: what a publication changes, what a start finds."""

import logging
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.check.rewrite import without_leaves
from relance import facts
from relance.codec import contract
from relance.facts import Condition
from relance.fold import key_of
from server.engine.lists.dynamic_list import DynamicList, in_order
from server.engine.owner import LISTS
from server.store.schema.campaigns import flips
from server.store.schema.leads import leads, list_members
from server.store.schema.rules import dynamic_lists

log = logging.getLogger("relance.lists")


def written(condition: Condition) -> str:
    """A condition as the store keeps it; how its phrases were worded does not count."""
    return contract.to_json(without_leaves(condition))


async def publish(conn: AsyncConnection, lists: Mapping[str, Condition]) -> None:
    """Make these the lists: new ones are to be built, changed ones built again and told."""
    wanted = {key_of(name): (name, written(condition)) for name, condition in lists.items()}
    known = {row.key: row for row in await conn.execute(select(dynamic_lists))}
    for row in known.values():
        if row.key not in wanted:
            await _remove(conn, row)
    new = [
        {"key": key, "name": name, "condition": text, "built_to": 0, "told": False}
        for key, (name, text) in wanted.items()
        if key not in known
    ]
    if new:
        await conn.execute(insert(dynamic_lists), new)
        # What was a list of its own until now has members already: what changes is told.
        had = exists(select(1).where(list_members.c.list_key == dynamic_lists.c.key))
        announced = update(dynamic_lists).where(
            ~dynamic_lists.c.told, dynamic_lists.c.built_to == 0, had
        )
        await conn.execute(announced.values(told=True))
    for key, (name, text) in wanted.items():
        before = known.get(key)
        if before is None or (before.name, before.condition, before.reason) == (name, text, None):
            continue
        await _change(conn, before, name, text)
    if await conn.scalar(select(leads.c.id).limit(1)) is None:
        await conn.execute(update(dynamic_lists).values(built_to=None, told=True))


async def build_again(conn: AsyncConnection) -> None:
    """Have every list built from its first lead, as if for the first time: nobody is told."""
    await conn.execute(update(dynamic_lists).values(built_to=0, told=False))


async def _remove(conn: AsyncConnection, row: Any) -> None:
    gone = await conn.execute(delete(list_members).where(list_members.c.list_key == row.key))
    log.warning(
        "la liste «\u00a0%s\u00a0» n’est plus dans les scripts\u00a0: elle est ôtée (%d membre(s))",
        row.name,
        gone.rowcount,
    )
    if facts.timed(contract.from_json(row.condition)):
        mine = (flips.c.owner == LISTS, flips.c.number == row.number)
        await conn.execute(delete(flips).where(*mine))
    await conn.execute(delete(dynamic_lists).where(dynamic_lists.c.number == row.number))


async def _change(conn: AsyncConnection, row: Any, name: str, text: str) -> None:
    values: dict[str, Any] = {"name": name, "condition": text, "reason": None}
    if text != row.condition:
        values["built_to"] = 0
        # No flip of what it was must outlive it.
        await conn.execute(
            delete(flips).where(flips.c.owner == LISTS, flips.c.number == row.number)
        )
    mine = dynamic_lists.c.number == row.number
    await conn.execute(update(dynamic_lists).where(mine).values(**values))


async def read(conn: AsyncConnection, zone: ZoneInfo) -> list[DynamicList]:
    """The lists last published, those that others rest on first."""
    rows = await conn.execute(select(dynamic_lists).order_by(dynamic_lists.c.number))
    return in_order(
        DynamicList(row.number, row.key, row.name, contract.from_json(row.condition), zone)
        for row in rows
    )


async def unbuilt(conn: AsyncConnection) -> frozenset[int]:
    """The numbers of those whose members are not all known; one that failed is tried again."""
    numbers = select(dynamic_lists.c.number).where(dynamic_lists.c.built_to.is_not(None))
    return frozenset(await conn.scalars(numbers))


async def look_again(conn: AsyncConnection) -> None:
    """Every list is to be built again, its changes told: leads were changed behind its back."""
    await conn.execute(update(dynamic_lists).values(built_to=0))
