"""People who were inside when a new version was published, and pass to it: transfers.

`carried` is what of their history that version cannot read in the journal, where statements have the
numbers of the version they were passed in.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from server.store.schema.metadata import Id, Instant, metadata

#: A decision about the people of a campaign who are in other versions than `version_id`, done part by
#: part, up to the lead `after_lead`.
transfers = Table(
    "transfers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign_id", BigInteger, nullable=False),
    Column("version_id", BigInteger, nullable=False),
    # going, done, undoing, undone (server.engine.transfer.transfers)
    Column("state", String(16), nullable=False),
    Column("plan", Text, nullable=False),  # JSON object: the fate of each, and where statements are
    Column("after_lead", BigInteger, nullable=False),
    # Once more from the first: some may have become others.
    Column("again", Boolean, nullable=False),
    Column("counts", Text, nullable=False),  # JSON object: how many so far
    Column("begun_at", Instant, nullable=False),
    Column("who", Text),
    Column("why", Text),
    Index("transfers_of", "campaign_id", "id"),
)

#: Where each was before its last transfer, whose journal has the move `move`: until it makes another,
#: it may be put back.
transferred = Table(
    "transferred",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("transfer_id", BigInteger, nullable=False),
    Column("move", Integer, nullable=False),
    Column("version_id", BigInteger, nullable=False),
    Column("statement", Integer, nullable=False),
    Column("deadline", Instant),
    Column("expires_at", Instant),
    Column("arriving", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

#: By statement of the version an enrolment passed to: how often it was passed in those before, and when
#: last. Of an activity, how often it is not to be done again.
carried = Table(
    "carried",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("statement", Integer, primary_key=True, autoincrement=False),
    Column("times", Integer, nullable=False),
    Column("at", Instant),
    sqlite_with_rowid=False,
)
