"""What was counted of the ledger, so that a report costs the same whatever the years behind it.

The database keeps it by itself (`server.store.counters`), in the transaction of what is counted.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from server.store.schema.metadata import metadata


def _key(*, primary: bool) -> list[Column[object]]:
    how = {"primary_key": True, "autoincrement": False} if primary else {"nullable": False}
    return [
        Column("campaign_id", BigInteger, **how),  # type: ignore[arg-type]  # 0: of the whole house
        Column("kind", String(32), **how),  # type: ignore[arg-type]
        # Days since 1970, in the zone of the house; 0: of now.
        Column("day", Integer, **how),  # type: ignore[arg-type]
        Column("version_id", BigInteger, **how),  # type: ignore[arg-type]
        Column("place", BigInteger, **how),  # type: ignore[arg-type]
        Column("subject", Text, **how),  # type: ignore[arg-type]
        Column("detail", Text, **how),  # type: ignore[arg-type]
    ]


counters = Table(
    "counters",
    metadata,
    *_key(primary=True),
    Column("n", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: What transactions added or took away since it was last folded into `counters`: on PostgreSQL,
#: where two that counted in one row would wait for each other. Only ever added to, then folded.
counter_changes = Table(
    "counter_changes",
    metadata,
    *_key(primary=False),
    Column("n", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
)

#: Who was on the site which day, in days of the house as counters number them: how many pages, and on
#: which day before they last were. `server.store.counters.visitors` says how it is kept.
visitor_days = Table(
    "visitor_days",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, nullable=False),
    Column("previous", Integer),
    Index("visitor_days_of_day", "day", "lead_id"),
    sqlite_with_rowid=False,
)

#: How far local time is from UTC in the zone of the house, in microseconds, since each instant
#: where that changes.
zone_shifts = Table(
    "zone_shifts",
    metadata,
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    Column("shift", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: What became of each message, the first time of each kind. `key` is that which its links and its
#: provider carry: it stays the message’s whatever becomes of its lead.
message_marks = Table(
    "message_marks",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("kind", String(16), primary_key=True),  # relance.message_mark.MessageMark
    Column("campaign_id", BigInteger, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("message", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("domain", String(255)),  # as its message has it
    Column("version_id", BigInteger),  # as its message has it
    sqlite_with_rowid=False,
)

#: One row: whether rows are counted as they are written; not while who writes them counts them by
#: sets, which no other transaction sees.
counting = Table(
    "counting",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("by_row", Boolean, nullable=False),
)
