"""What is kept of those who asked to be forgotten: that they were, and the means not to take them back."""

from sqlalchemy import BigInteger, Column, String, Table, Text

from server.store.schema.metadata import Instant, metadata

#: The addresses of those who were forgotten, each as a hash that nobody computes without the secret
#: of the server (`server.store.forgotten`): the proof of their refusal, and of nothing else.
forgotten = Table(
    "forgotten",
    metadata,
    Column("hash", String(32), primary_key=True),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: That somebody was forgotten, under a number that is nobody's name any more.
erasures = Table(
    "erasures",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("who", Text),  # of the team
    Column("counts", Text, nullable=False),  # JSON object: how many rows, by table
    # When the files of the server were gone over too; NULL: they are yet to be.
    Column("finished_at", Instant),
)
