"""The server’s own books: its settings, its imports."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from server.store.schema.metadata import Id, Instant, metadata

#: The server's own settings that must survive a restart (the signing secret).
server_settings = Table(
    "server_settings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

#: One row: how often a server has taken this database, and up to where it may number events.
tenure = Table(
    "tenure",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
    Column("reserved_to", BigInteger, nullable=False),
)

#: Files of leads brought in, by what they hold and what was asked of them: one that was cut short
#: goes on after the last row that was committed.
imports = Table(
    "imports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("state", String(16), nullable=False),  # running, done, failed
    Column("row", BigInteger, nullable=False),  # the last row settled
    Column("share", Integer, nullable=False),  # of the file, in thousandths
    Column("created", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("problem", Text),  # why the whole file failed
    Column("heading", Text),  # JSON array: the names of its columns; NULL: from before it was kept
)

#: Rows that were refused, until their file is asked for no more.
import_rejects = Table(
    "import_rejects",
    metadata,
    Column("import_id", BigInteger, primary_key=True, autoincrement=False),
    Column("line", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("cells", Text, nullable=False),  # JSON array, as they were read
    sqlite_with_rowid=False,
)

#: How many bytes of its day's share an address had kept at an instant; `sender` tells which to the
#: holder of the signing secret alone.
sender_shares = Table(
    "sender_shares",
    metadata,
    Column("sender", String(16), primary_key=True),
    Column("spent", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Index("sender_shares_at", "at"),
    sqlite_with_rowid=False,
)

#: What programs were answered, by the key they gave (`server.store.api_answers`).
api_answers = Table(
    "api_answers",
    metadata,
    Column("mark", String(64), primary_key=True),  # a digest of who asked, what, under which key
    Column("asked", String(64), nullable=False),  # a digest of what came with it
    Column("answer", Text, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)
