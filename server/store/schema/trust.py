"""The tables of trust: since when and how surely a field is known, what is kept aside, what was joined.

What a lead was made with needs no row: `leads.proof` and `leads.told_at` say it of all its fields.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, String, Table, Text, text

from server.store.schema.metadata import Id, Instant, metadata

#: Of the fields told again since the lead was made: how surely (`relance.proof`), and as of when.
field_proofs = Table(
    "field_proofs",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("field", String(80), primary_key=True),  # the column of `leads`
    Column("proof", SmallInteger, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: What was said of a lead by who could not prove it, until the person proves it or the team decides.
declarations = Table(
    "declarations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("lead_id", BigInteger, nullable=False),
    # The column of `leads` it would change; « merge »: the two leads are one.
    Column("field", String(80), nullable=False),
    Column("value", Text, nullable=False),  # JSON; of a merge, the other lead's number
    Column("hash", String(64), nullable=False),  # of the value
    Column("proof", SmallInteger, nullable=False),
    Column("source", String(200), nullable=False),
    Column("visitor", String(128), nullable=False),  # the mark of the browser; empty: none
    Column("at", Instant, nullable=False),  # as of when it is so
    Column("received_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),  # pending, proven, accepted, refused
    Column("settled_at", Instant),
    Index("declarations_once", "lead_id", "field", "hash", "visitor", unique=True),
    Index(
        "declarations_pending",
        "received_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
)

#: Browsers in which the address of a lead was stated, which a link sent there may yet prove hers.
pledges = Table(
    "pledges",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("visitor", String(128), primary_key=True),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: Codes sent to addresses, one an address: whoever types it back holds that address.
challenges = Table(
    "challenges",
    metadata,
    Column("whom", String(32), primary_key=True),  # a hash of the address
    Column("lead_id", BigInteger, nullable=False),
    Column("key", String(128), nullable=False),  # of the message that carried it
    Column("digest", String(32), nullable=False),  # of the code, keyed by the server's secret
    Column("tries", Integer, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("until", Instant, nullable=False, index=True),
    sqlite_with_rowid=False,
)

#: Leads found to be one, so that it can be undone: what the target took of the source's fields.
merges = Table(
    "merges",
    metadata,
    Column("source", BigInteger, primary_key=True, autoincrement=False),
    Column("target", BigInteger, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("score", Integer, nullable=False),  # the source's own
    Column("taken", Text, nullable=False),  # JSON, `server.store.separation`
)

#: Of leads found to be one, those whose history is still to be handed over, part by part.
moving = Table(
    "moving",
    metadata,
    Column("source", BigInteger, primary_key=True, autoincrement=False),
    Column("target", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: The rows of the source before a merge, and those of the target that it changed.
merged_rows = Table(
    "merged_rows",
    metadata,
    Column("source", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(32), primary_key=True),  # the table
    Column("key", String(400), primary_key=True),  # what tells the row apart in it
    Column("row", Text, nullable=False),  # JSON, every column
    # Whether the target had none like it; of an entry, how many the target had before.
    Column("extra", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
