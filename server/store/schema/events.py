"""What happened, and what was already received.

One more index of events follows what plugins declare: `server/store/measured.py`.
"""

from sqlalchemy import BigInteger, Column, Index, SmallInteger, String, Table, Text

from server.store.schema.metadata import Id, Instant, metadata, partial

#: What came by forms, in the words its index has: both stores must see the same.
OF_FORMS = "type = 'form_submitted'"

events = Table(
    "events",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(64), primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", Text),
    Column("subject_key", Text),
    Column("address", Text),
    Column("context", Text),
    Column("context_key", Text),
    Column("occurred_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("properties", Text),  # JSON object
    Column("amount", BigInteger),  # in ten-thousandths of the currency's unit
    Column("currency", String(3)),
    # How surely its words are the lead's own (`relance.proof`); NULL: ours, or from before it was kept.
    Column("proof", SmallInteger),
    Column("origin", BigInteger),  # the lead it was told of, before that one was merged
    # What came by each form, the latest first.
    partial("events_forms", "subject_key", "received_at", where=OF_FORMS),
    # The latest, for who looks on. Almost free, as events come in that order; SQLite, which
    # numbers its rows as they come, has no need of it.
    Index(
        "events_lately", "received_at", postgresql_using="brin", info={"only": "postgresql"}
    ).ddl_if(dialect="postgresql"),
)

#: The events that wait for the engine, until it has handled them: those of `events` are written once,
#: and never again. What PostgreSQL deletes leaves room in the file, which it would otherwise give back:
#: it goes through the whole of a file it takes for empty, though a crowd may have come since.
inbox = Table(
    "inbox",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(64), primary_key=True),
    Column("subject_key", Text),
    Index("inbox_in_order", "id"),
    Index("inbox_kinds", "type", "subject_key", "id"),
    sqlite_with_rowid=False,
    postgresql_with={"vacuum_truncate": "false"},
)

#: Idempotency of what comes in: (source, key) seen, with the hash of what it said.
receipts = Table(
    "receipts",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_hash", String(64)),
    Column("lead_id", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False, index=True),
    sqlite_with_rowid=False,
)

#: Notes of plugins, held until they can be judged with what followed.
held = Table(
    "held",
    metadata,
    Column("id", Id, primary_key=True),
    Column("purpose", String(64), nullable=False),
    Column("group_key", String(255), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Index("held_due", "purpose", "due_at"),
    Index("held_together", "purpose", "group_key"),
)
