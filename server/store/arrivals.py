"""What comes in, written: events and receipts, by batches."""

import json
from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.consent import CONSENTS
from server.store import bulk, inbox, policies
from server.store.bulk import insert_rows
from server.store.inbox import InboxRow
from server.store.instants import Micros
from server.store.leads import among
from server.store.schema.events import events
from server.store.schema.events import inbox as inbox_rows

#: When a receipt that is never to be forgotten was received: no sweep comes that far.
FOR_GOOD: Micros = 2**62


class EventRow(NamedTuple):
    """A row of `events`, less the lead it was told of before a merge."""

    lead_id: int
    type: str
    id: int
    occurred_at: Micros
    received_at: Micros
    subject: str | None = None
    subject_key: str | None = None
    address: str | None = None
    context: str | None = None
    context_key: str | None = None
    properties: str | None = None
    amount: int | None = None
    currency: str | None = None
    proof: int | None = None


class ReceiptRow(NamedTuple):
    """A row of `receipts`, in the order of its columns."""

    source: str
    key: str
    body_hash: str | None
    lead_id: int
    received_at: Micros


async def insert_events(
    conn: AsyncConnection, rows: Sequence[EventRow], silent: Collection[int] = ()
) -> None:
    """Record events, for the engine to handle unless their lead is among the `silent`."""
    if any(row.type in CONSENTS for row in rows):
        await policies.know_consents(conn)
    # PostgreSQL fills the pages of their key one after another when it has them lead by lead; SQLite,
    # which numbers rows as they come, is asked for the latest of them by that number.
    by_lead = conn.dialect.name == "postgresql"
    written = sorted(rows, key=attrgetter("lead_id")) if by_lead else rows
    await insert_rows(conn, "events", EventRow._fields, written)
    heard = [row for row in written if row.lead_id not in silent]
    await inbox.put(
        conn, [InboxRow(row.lead_id, row.id, row.type, row.subject_key) for row in heard]
    )


async def insert_alike(
    conn: AsyncConnection, event: EventRow, of: Sequence[int], *, pending: bool
) -> None:
    """Record the same event of each of those leads, numbered from its own id on.

    `pending`: for the engine to handle.
    """
    if event.type in CONSENTS:
        await policies.know_consents(conn)
    own = {"lead_id": of, "id": range(event.id, event.id + len(of))}
    alike = {
        name: value
        for name, value in zip(EventRow._fields, event, strict=True)
        if name not in own and value is not None
    }
    await bulk.insert_alike(conn, events, alike, own)
    if pending:
        waiting = {"type": event.type, "subject_key": event.subject_key}
        await bulk.insert_alike(conn, inbox_rows, waiting, own)


async def insert_receipts(conn: AsyncConnection, rows: Sequence[ReceiptRow]) -> None:
    """Remember what was received."""
    await insert_rows(conn, "receipts", ReceiptRow._fields, rows)


async def find_receipts(
    conn: AsyncConnection, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], ReceiptRow]:
    """The receipts of those (source, key) that were received before."""
    by_source: dict[str, list[str]] = {}
    for source, key in wanted:
        by_source.setdefault(source, []).append(key)
    query = text(
        "SELECT source, key, body_hash, lead_id, received_at FROM receipts "  # noqa: S608
        f"WHERE source = :source AND key IN {among(conn.dialect.name, 'keys', 'TEXT')}"
    )
    found: dict[tuple[str, str], ReceiptRow] = {}
    for source, keys in by_source.items():
        rows = await conn.execute(query, {"source": source, "keys": json.dumps(keys)})
        for row in rows:
            found[row.source, row.key] = ReceiptRow(*row)
    return found
