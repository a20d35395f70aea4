"""The keys of names, made anew from the names kept beside them, after the rule has changed.

Earlier versions took for one name those that only their signs or their script tell apart (`A+` and
`A-`, 北京 and 上海). Their texts were kept, so that each row is given the key its own text has now.
Where two names had become one row, the name that was written first has it: its members, points and
campaign stay together, nobody is lost, and the other name begins empty.

It is done before anything else runs, a few thousand rows a transaction; where it stands is kept in
`server_settings` with them, so that a start cut short goes on from there at the next.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from sqlalchemy import Table, bindparam, delete, exists, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import identifier_of, key_of
from server.store import tallies
from server.store.bulk import insert_rows
from server.store.inbox import same_event
from server.store.properties import former_key
from server.store.schema.campaigns import campaigns
from server.store.schema.events import events, inbox
from server.store.schema.leads import lead_fields, lead_tags, list_members, lists
from server.store.schema.messages import tracked_links
from server.store.schema.rules import dynamic_lists, interests, points, team
from server.store.schema.server import server_settings

log = logging.getLogger("relance.store")

PROGRESS = "rekeying"
PART = 5_000
_KEPT = "ON CONFLICT DO NOTHING"

#: A row, and the keys it is to have.
Change = tuple[Mapping[str, Any], Mapping[str, str]]
Write = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
Place = list[Any]

#: Few rows, each with a key of its own: the key, and the rule that makes it of the name.
_NAMED: Sequence[tuple[Table, Callable[[str], str]]] = (
    (campaigns, key_of),
    (lead_fields, identifier_of),
    (team, key_of),
    (tracked_links, key_of),
)
#: Many rows: the columns of keys, and those of the texts they are made of.
_LARGE: Sequence[tuple[Table, Mapping[str, str]]] = (
    (lead_tags, {"tag_key": "name"}),
    (interests, {"topic_key": "topic"}),
    (points, {"topic_key": "topic"}),
    (events, {"subject_key": "subject", "context_key": "context"}),
)

#: What waits goes by the keys of the events themselves.
_WAITING = update(inbox).values(
    subject_key=select(events.c.subject_key).where(*same_event(events, inbox)).scalar_subquery()
)


async def rekey(write: Write) -> None:
    """Make every key anew, if an upgrade left that to be done."""
    async with write() as conn:
        row = server_settings
        stands = await conn.scalar(select(row.c.value).where(row.c.name == PROGRESS))
    if stands is None:
        return
    progress: dict[str, Place | bool] = json.loads(stands)
    log.info("les noms gardés dans la base sont relus ; cela peut durer quelques minutes")
    for list_table in (lists, dynamic_lists):
        await _lists(write, list_table)
    for table, rule in _NAMED:
        async with write() as conn:
            await _named(conn, table, rule)
    for table, keys in _LARGE:
        while progress.get(table.name) is not True:
            async with write() as conn:
                progress[table.name] = await _part(conn, table, keys, progress)
                await _note(conn, progress)
    async with write() as conn:
        await conn.execute(_WAITING)
        if progress.get("apart"):
            # What a list held under two names at once is looked at again.
            await conn.execute(update(dynamic_lists).values(built_to=0))
        await tallies.forget_all(conn)
        await conn.execute(delete(row).where(row.c.name == PROGRESS))
    log.info("les noms gardés dans la base sont relus")


async def _note(conn: AsyncConnection, progress: Mapping[str, Place | bool]) -> None:
    row = server_settings
    text = json.dumps(progress, ensure_ascii=False)
    await conn.execute(update(row).where(row.c.name == PROGRESS).values(value=text))


async def _lists(write: Write, table: Table) -> None:
    """The lists of a table: their members first, part by part, then the key that they had."""
    async with write() as conn:
        names = (await conn.execute(select(table.c.key, table.c.name))).all()
    for before, name in names:
        after = key_of(name)
        if after == before:
            continue
        while True:
            async with write() as conn:
                if not await _members(conn, before, after):
                    break
        async with write() as conn:
            await _renamed(conn, table, before, after)


async def _members(conn: AsyncConnection, before: str, after: str) -> int:
    """Move a part of the members of one key to another; how many there were to move."""
    members = list_members
    of_list = select(members.c.lead_id, members.c.since).where(members.c.list_key == before)
    part = (await conn.execute(of_list.order_by(members.c.lead_id).limit(PART))).all()
    if part:
        moved = [(lead, after, since) for lead, since in part]
        await insert_rows(conn, members.name, ("lead_id", "list_key", "since"), moved, _KEPT)
        last = members.c.lead_id <= part[-1].lead_id
        await conn.execute(delete(members).where(members.c.list_key == before, last))
    return len(part)


async def _named(conn: AsyncConnection, table: Table, rule: Callable[[str], str]) -> None:
    for before, name in (await conn.execute(select(table.c.key, table.c.name))).all():
        await _renamed(conn, table, before, rule(name))


async def _renamed(conn: AsyncConnection, table: Table, before: str, after: str) -> None:
    """Give a row its key, unless another has it: then it stays as it was, rather than lost."""
    taken = exists(select(1).where(table.alias("other").c.key == after))
    if before != after:
        await conn.execute(update(table).where(table.c.key == before, ~taken).values(key=after))


async def _part(
    conn: AsyncConnection, table: Table, keys: Mapping[str, str], progress: dict[str, Any]
) -> Place | bool:
    """Give a part of a table its keys; where it ends, True at the end of the table."""
    own = list(table.primary_key.columns)
    query = select(table).where(or_(*(table.c[text].is_not(None) for text in keys.values())))
    after = progress.get(table.name)
    if after:
        query = query.where(tuple_(*own) > tuple_(*after))
    rows = await conn.execute(query.order_by(*own).limit(PART))
    part: list[Mapping[str, Any]] = [dict(row) for row in rows.mappings()]
    changed: list[Change] = []
    for row in part:
        new = {key: key_of(row[text]) for key, text in keys.items() if row[text] is not None}
        if any(row[key] != value for key, value in new.items()):
            changed.append((row, new))
        progress["apart"] = progress.get("apart") or any(
            row[key] and identifier_of(row[text]) != row[key] == former_key(row[text])
            for key, text in keys.items()
            if row[text] is not None
        )
    await _write(conn, table, changed)
    return [part[-1][column.name] for column in own] if len(part) == PART else True


async def _write(
    conn: AsyncConnection,
    table: Table,
    changed: Sequence[Change],
) -> None:
    if not changed:
        return
    own = [column.name for column in table.primary_key.columns]
    mine = [table.c[name] == bindparam(f"own_{name}") for name in own]
    places = [{f"own_{name}": row[name] for name in own} for row, _ in changed]
    moved = [name for name in changed[0][1] if name in own]
    if moved:
        rows = [tuple({**row, **new}.values()) for row, new in changed]
        await insert_rows(conn, table.name, tuple(changed[0][0]), rows, _KEPT)
        await conn.execute(delete(table).where(*mine), places)
        return
    for name in sorted({name for _, new in changed for name in new}):
        some = [
            {**place, "made": new[name]}
            for place, (_, new) in zip(places, changed, strict=True)
            if name in new
        ]
        await conn.execute(update(table).where(*mine).values({name: bindparam("made")}), some)
