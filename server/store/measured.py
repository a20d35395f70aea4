"""The index by which periods are counted: of the types of events that plugins have counted, and no others.

Most events are pages seen and mails opened, which it costs nothing. What it holds is read from the database:
SQLite goes by a partial index only in a query that holds the index's very words.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Index, MetaData, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateIndex

from server.store.schema.events import events
from server.store.store import Store

log = logging.getLogger("relance.store")

NAME = "events_measured"
#: Its replacement, while it is built.
_NEXT = f"{NAME}_next"
_WRITTEN = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE name = :name",
    # Of the table, which stays while the index gives way to another.
    "postgresql": "SELECT pg_get_expr(indpred, indrelid) FROM pg_index"
    " JOIN pg_class ON pg_class.oid = indexrelid"
    " WHERE relname = :name AND relnamespace = current_schema()::regnamespace",
}


async def measured(conn: AsyncConnection) -> Sequence[str]:
    """The types it holds, in its order; none when there is no such index."""
    written = await conn.scalar(text(_WRITTEN[conn.dialect.name]), {"name": NAME})
    words = str(written or "").rpartition(" WHERE ")[2]
    return re.findall(r"'(\w+)'", words)


def among(rows: Any, types: Sequence[str]) -> ColumnElement[bool]:
    """That those events are of its types, in its very words. `types`: as `measured` tells them."""
    words: BindParameter[Any] = bindparam(
        "measured", list(types), unique=True, expanding=True, literal_execute=True
    )
    held: ColumnElement[bool] = rows.c.type.in_(words)
    return held


async def measure(store: Store, types: Iterable[str]) -> None:
    """Have it hold those types besides; nothing is done when it does.

    On PostgreSQL it is built beside those who write. On SQLite they wait, a second or two for a million
    events.
    """
    asked = set(types)
    async with store.read() as conn:
        held = await measured(conn)
    if asked <= set(held):
        return
    wanted = sorted(asked | set(held))
    log.info("la base se prépare à compter de nouveaux événements : %s", ", ".join(asked - {*held}))
    if store.dialect == "postgresql":
        async with store.unbound() as conn:
            await conn.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {_NEXT}"))
            await conn.execute(_creating(_NEXT, wanted))
        async with store.write() as conn:
            await conn.execute(text(f"DROP INDEX IF EXISTS {NAME}"))
            await conn.execute(text(f"ALTER INDEX {_NEXT} RENAME TO {NAME}"))
    else:
        async with store.write() as conn:
            await conn.execute(text(f"DROP INDEX IF EXISTS {NAME}"))
            await conn.execute(_creating(NAME, wanted))
    log.info("la base est prête à les compter")


def _creating(name: str, types: Sequence[str]) -> CreateIndex:
    # Of a copy: the table itself is what migrations make it, the same for all.
    table = events.to_metadata(MetaData())
    held = table.c.type.in_(types)
    index = Index(
        name,
        table.c.type,
        table.c.occurred_at,
        sqlite_where=held,
        postgresql_where=held,
        postgresql_concurrently=True,
    )
    return CreateIndex(index)
