"""The events that wait for the engine: put here as they are recorded, taken out as they are handled."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import bulk
from server.store.ids import ANY
from server.store.schema.events import inbox


class InboxRow(NamedTuple):
    """A row of `inbox`, in the order of its columns."""

    lead_id: int
    id: int
    type: str
    subject_key: str | None


async def put(conn: AsyncConnection, rows: Sequence[InboxRow]) -> None:
    """Have these events wait: they are recorded by the same transaction."""
    await bulk.insert_rows(conn, inbox.name, InboxRow._fields, rows)


async def know_the_crowd(conn: AsyncConnection, count: int) -> None:
    """Have PostgreSQL know that so many wait at least, before it is asked about them one by one.

    What it takes for empty it goes through whole, each time, and it counts again once a minute.
    """
    query = text("SELECT reltuples FROM pg_class WHERE oid = CAST('inbox' AS regclass)")
    if (await conn.scalar(query) or 0) < count:
        await conn.exec_driver_sql("ANALYZE (SKIP_LOCKED) inbox")


async def any_waits(conn: AsyncConnection) -> bool:
    """Whether some event does."""
    found = await conn.exec_driver_sql("SELECT EXISTS (SELECT 1 FROM inbox)")
    return bool(found.scalar_one())


def handled(rows: Any, dialect: str) -> ColumnElement[bool]:
    """Whether an event of `rows`, which is `events` under a name of its own, waits no more.

    Most are from before the first that waits, and are looked for nowhere. For the others SQLite looks
    a number up in the index, and reads no statement where that stands much deeper; PostgreSQL looks
    by their key, one by one: it would read all that waits to answer « exists ».
    """
    first = inbox.alias("first")
    before = select(func.min(first.c.id)).correlate(None).scalar_subquery()
    earlier = rows.c.id < func.coalesce(before, ANY)
    if dialect == "sqlite":
        return or_(earlier, rows.c.id.not_in(select(inbox.c.id).correlate(None)))
    kept = inbox.alias("kept")
    same = (kept.c.lead_id == rows.c.lead_id, kept.c.id == rows.c.id, kept.c.type == rows.c.type)
    waits = select(kept.c.id).where(*same).correlate(rows).scalar_subquery()
    return or_(earlier, waits.is_(None))


def same_event(rows: Any, waiting: Any) -> tuple[ColumnElement[bool], ...]:
    """The tests that a row of `events` is the one that a row of `waiting` stands for."""
    return (
        rows.c.lead_id == waiting.c.lead_id,
        rows.c.type == waiting.c.type,
        rows.c.id == waiting.c.id,
    )
