"""Rows that are nobody's, and may name somebody all the same: refused rows of a file, notes, receipts.

They are gone through part by part, outside of the transaction that forgets: what names the person
before it, then what came meanwhile. Done twice, it comes to the same.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.rights.person import KnownPerson
from server.store.forgotten import ROW_FORGOTTEN
from server.store.leads import among
from server.store.leftovers import NOBODY
from server.store.schema.events import held, receipts
from server.store.schema.leads import leftovers
from server.store.schema.messages import kept_texts
from server.store.schema.server import import_rejects
from server.store.store import Store

#: Rows looked at in a transaction.
_PART = 2_000


async def erase_mentions(store: Store, person: KnownPerson) -> Sequence[int]:
    """Erase what names the person where nobody's number tells it; the kept texts that went."""
    await _rejects(store, person)
    await _each(store, held, lambda row: _of_note(row, person))
    left = leftovers.c.lead_id == NOBODY
    await _each(store, leftovers, lambda row: person.addressed_in(row["value"]), left)
    await _receipts(store, person)
    everybody = kept_texts.c.lead_id.is_(None)
    gone = await _each(store, kept_texts, lambda row: person.addressed_in(row["text"]), everybody)
    return [row["id"] for row in gone]


def _of_note(row: Any, person: KnownPerson) -> bool:
    """A note speaks of a message, whose key begins by its lead's number, or of a lead."""
    about = {f"{lead}." for lead in person.leads}
    if any(row["group_key"].startswith(one) for one in about):
        return True
    try:
        said = json.loads(row["text"])
    except ValueError:
        said = None
    lead = said.get("lead") if isinstance(said, dict) else None
    return lead in person.leads or person.addressed_in(row["text"])


async def _each(
    store: Store,
    table: Table,
    names: Callable[[Any], bool],
    which: ColumnElement[bool] | None = None,
) -> list[Any]:
    """Delete the rows that name her; those."""
    found: list[Any] = []
    async for row in _rows(store, table, which):
        if names(row):
            found.append(row)
    key = list(table.primary_key)
    if found:
        ids = [tuple(row[one.name] for one in key) for row in found]
        async with store.write() as conn:
            await conn.execute(delete(table).where(tuple_(*key).in_(ids)))
    return found


async def _rows(store: Store, table: Table, which: ColumnElement[bool] | None) -> Any:
    """Every row, a part a transaction: a long one keeps the server from tidying its journal."""
    key = list(table.primary_key)
    after: tuple[Any, ...] | None = None
    while True:
        query = select(table).order_by(*key).limit(_PART)
        if which is not None:
            query = query.where(which)
        if after is not None:
            query = query.where(tuple_(*key) > after)
        async with store.read() as conn:
            part = (await conn.execute(query)).mappings().all()
        for row in part:
            yield row
        if len(part) < _PART:
            return
        after = tuple(part[-1][one.name] for one in key)


async def _rejects(store: Store, person: KnownPerson) -> None:
    """The rows of files that were refused stay counted, and say nothing more."""
    lines = [
        (row["import_id"], row["line"])
        async for row in _rows(store, import_rejects, None)
        if person.addressed_in(row["cells"])
    ]
    if lines:
        key = tuple_(import_rejects.c.import_id, import_rejects.c.line)
        async with store.write() as conn:
            await conn.execute(
                update(import_rejects)
                .where(key.in_(lines))
                .values(cells="[]", reason=ROW_FORGOTTEN)
            )


async def _receipts(store: Store, person: KnownPerson) -> None:
    """The keys of what she sent: no index finds them by lead, so that they are looked for apart."""
    async with store.read() as conn:
        of_hers = text(f"lead_id IN {among(conn.dialect.name, 'ids')}")
        query = select(receipts.c.source, receipts.c.key).where(of_hers)
        keys = (await conn.execute(query, {"ids": person.numbers})).all()
    for at in range(0, len(keys), _PART):
        await _forget_receipts(store, [tuple(one) for one in keys[at : at + _PART]])


async def _forget_receipts(store: Store, keys: Sequence[tuple[Any, ...]]) -> None:
    async def work(conn: AsyncConnection) -> None:
        key = tuple_(receipts.c.source, receipts.c.key)
        await conn.execute(delete(receipts).where(key.in_(keys)))

    await store.transact(work)
