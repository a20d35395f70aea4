"""What the rules keep of themselves beside campaigns: lists, points, the team."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from server.store.schema.metadata import Id, Instant, metadata, partial

#: The lists of the rules, whose members are those for whom `condition` holds.
dynamic_lists = Table(
    "dynamic_lists",
    metadata,
    Column("number", Id, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("condition", Text, nullable=False),  # JSON, `relance.codec`
    # Members are right for leads up to this one; NULL once they are for all.
    Column("built_to", BigInteger),
    Column("told", Boolean, nullable=False),  # whether what building changes is an event
    Column("reason", Text),  # why it is set aside
)

#: The team leads are assigned to, in the order of turns; `turn` marks whose it is.
team = Table(
    "team",
    metadata,
    Column("key", String(200), primary_key=True),  # folded name
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("position", Integer, nullable=False),  # from 0; below it, who is away
    Column("turn", Boolean, nullable=False),
    Column("rank", Integer),  # in its file, from 0: where one comes back to
    Column("absent", Boolean),  # for good, as its file says
)

#: When members are away, by the clock alone; days as they were said, instants as they are asked.
team_absences = Table(
    "team_absences",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(200), nullable=False),  # folded name
    Column("name", Text, nullable=False),
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("begins_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Index("team_absences_key", "key", "ends_at"),
)

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
    ),  # `server.engine.seed.number_of` its key; NULL: a campaign, 0: earlier
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

#: What earlier releases knew by another name: the digest that stood for it (`server.engine.seed`), by
#: that of its identity. What was drawn by it stays drawn, and rules keep their numbers.
seeds = Table(
    "seeds",
    metadata,
    Column("identity", String(64), primary_key=True),
    Column("seed", String(65), nullable=False),
    sqlite_with_rowid=False,
)

#: What was published, each time whole: the path of every file and the hash of what it held. The
#: last number is what runs.
publications = Table(
    "publications",
    metadata,
    Column("number", Id, primary_key=True),
    Column("files", Text, nullable=False),  # JSON object, path to hash
    Column("edition", String(64), nullable=False),  # `server.publication.edition`
    Column("problems", Text, nullable=False),  # JSON array of sentences
    Column("at", Instant, nullable=False),
    Column("who", Text),  # NULL: the folder, by being saved
    Column("note", Text),
    Column("again", BigInteger),  # the number of the publication whose files these are again
    Column("changes", Text),  # JSON, `server.publication.archive`; NULL: of an earlier release
)

#: What somebody asked to have published, which waits for another person, or did.
publication_requests = Table(
    "publication_requests",
    metadata,
    Column("number", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),  # as the audit log names them
    Column("person", String(320), nullable=False),  # whoever that is by another door
    Column("wish", Text, nullable=False),  # JSON, `server.orders.publishing.PublishOrder`
    Column("over", BigInteger, nullable=False),  # the publication it comes after; 0: none
    Column("digest", String(64), nullable=False),  # of the files that are to be published
    Column("changes", Text, nullable=False),  # JSON, what it would do, as it was last shown
    Column("state", String(16), nullable=False),  # server.publication.requests.RequestState
    Column("answered_at", Instant),
    Column("answered_by", Text),
    Column("why", Text),  # of who answered
    Column("publication", BigInteger),  # the one that was made of it
    partial("publication_requests_waiting", "number", where="state = 'waiting'"),
    Index("publication_requests_made", "publication"),
)

#: What somebody confirmed, which is published by itself once its scenarios have passed, or was.
deferred_publications = Table(
    "deferred_publications",
    metadata,
    Column("number", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),  # as the audit log names them
    Column("person", String(320), nullable=False),  # the address of their account
    Column("origin", Text, nullable=False),  # where it was confirmed from
    Column("verb", String(32), nullable=False),  # of the order that is given then
    Column("given", Text, nullable=False),  # JSON, its arguments
    Column("state", String(16), nullable=False),  # server.publication.deferred.DeferralState
    Column("ended_at", Instant),
    Column("said", Text, nullable=False),  # what came of it
    Column("seen", Boolean, nullable=False),  # by whoever confirmed it
    partial("deferred_publications_waiting", "number", where="state = 'waiting'"),
    partial("deferred_publications_unseen", "number", where="seen = false AND state <> 'waiting'"),
)

publication_files = Table(
    "publication_files",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),  # compressed by zlib
    sqlite_with_rowid=False,
)
