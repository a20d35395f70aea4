"""The server’s own books: its settings, its imports."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, text

from server.store.schema.metadata import Id, Instant, metadata

#: The server's own settings that must survive a restart (the signing secret).
server_settings = Table(
    "server_settings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

#: Keeps one of them, whatever it was.
KEEP_SETTING = text(
    "INSERT INTO server_settings (name, value) VALUES (:name, :value) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)

#: A row a process, the first being 1: how often its place was taken, and up to where whoever has it
#: may number events.
tenure = Table(
    "tenure",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
    Column("reserved_to", BigInteger, nullable=False),
)

#: One row, where several processes move the leads of a database (`server.store.shards`): whether they
#: share them now, and a number that changes with what they are to know.
division = Table(
    "division",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("shared", Boolean, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("processes", Integer, nullable=False),  # among how many they are shared
)

#: What each of those processes says of itself (`server.store.processes`).
processes = Table(
    "processes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # 0: the first
    Column("name", Text, nullable=False),  # of its machine, and its number there
    Column("roles", Text, nullable=False),
    Column("release", Text, nullable=False),  # a digest of its code, plugins and settings
    Column("project", Text, nullable=False),  # a digest under the secret of its project
    Column("since", Instant, nullable=False),
    Column("known", Boolean, nullable=False),  # the first counts with it
    Column("settings", Text),  # a digest of each; none of a release that says nothing of them
)

#: The leads of a shard are moved by one process at a time. `turn`: when it was last taken, in turns of
#: all; `last_id`: no event up to there is behind what was written of its leads.
shards = Table(
    "shards",
    metadata,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("turn", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),
)

#: What merges bring to shards from others, to be taken account of when these are next taken.
shard_raises = Table(
    "shard_raises",
    metadata,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("last_id", BigInteger, primary_key=True, autoincrement=False),
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
