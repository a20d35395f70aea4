"""The tables of points: interests, what gave them and the score, and the rules that give."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, text

from server.store.schema import Instant, metadata

#: How warm a lead is about a topic.
interests = Table(
    "interests",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("topic_key", String(200), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("value", Integer, nullable=False),
    sqlite_with_rowid=False,
)

#: What gave or took how many points: a score is the sum of its lead's rows without a topic, an
#: interest the sum of those of its topic. A rule counts once an event.
points = Table(
    "points",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("topic_key", String(200)),
    Column("topic", Text),
    Column("at", Instant, nullable=False),
    Column("delta", Integer, nullable=False),
    Column("reason", Text, nullable=False),  # the rule as written, or the campaign's name
    Column("event_id", BigInteger),
    Column(
        "rule", BigInteger
    ),  # `server.engine.standing.standing.number_of` its key; NULL: a campaign, 0: earlier
    Index(
        "points_once",
        "lead_id",
        "event_id",
        "rule",
        unique=True,
        sqlite_where=text("rule IS NOT NULL"),
        postgresql_where=text("rule IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

#: The rules that stand outside campaigns, as last published.
standing_rules = Table(
    "standing_rules",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("rule", Text, nullable=False),  # JSON, `relance.codec`
)
