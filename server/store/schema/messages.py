"""What is sent, to whom nobody writes any more, and where links lead."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text, text

from server.store.schema.metadata import Id, Instant, metadata, partial

#: The messages that will not leave, in the words their index has: both stores must see the same.
LOST = "state IN ('refused', 'failed', 'unreachable')"

#: The messages held until the operator says, likewise.
HELD = "state = 'held'"

#: The messages that limits by recipient hold until the operator says, likewise.
LIMITED = "state = 'limited'"

#: The messages put off by the policy, likewise.
PUT_OFF = "held_at IS NOT NULL AND state = 'pending'"

#: The messages that one of several processes is sending, likewise.
OWNED = "owner IS NOT NULL AND state = 'sending'"

#: What messages to one recipient are told alike by, and which of them were settled last.
ALIKE = ("recipient", "message", "channel", "settled_at")

#: All that a message may be in, once it is neither to be sent nor being so.
OUTBOX_STATES = (
    *("sent", "refused", "unreachable", "failed", "doubtful", "held", "limited"),
    *("suppressed", "unconsented", "cancelled", "expired", "skipped"),
)

#: Messages to send and sent. The first four columns are the journal's key of the sending move;
#: `ordinal` counts the sends of one statement.
outbox = Table(
    "outbox",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("move", Integer, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("channel", String(32), nullable=False),
    Column("message", Text, nullable=False),
    Column("recipient", Text),  # whom it goes to when that is not the lead
    # pending, sending, sent, refused, unreachable, failed, doubtful, held, limited,
    # suppressed, unconsented, cancelled, expired, skipped, gathered (in another that is not settled)
    Column("state", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant),  # NULL once settled
    # It came due then, while its campaign did not run: `due_at` is NULL until that is resumed.
    Column("overdue_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("doubted_at", Instant),  # last time nobody could tell whether it left
    Column("settled_at", Instant),
    Column("reason", Text),
    Column("reference", Text),
    Column("released_at", Instant),  # when the operator let it past the limits by recipient
    Column("gathering", Text),  # the key of the message that stands for this one, or of itself
    # `relance.nature`, of what goes to a lead, once it is looked at: what policies count.
    Column("nature", String(16)),
    Column("held_at", Instant),  # when the policy last put it off, while it waits for that
    Column("holds", Text),  # JSON: [[when, until, why], …], each time it was put off
    # The process that takes it to send it, on PostgreSQL (`server.store.tenure`); `due_at` is then
    # until when nobody else may.
    Column("owner", BigInteger),
    Column("domain", String(255)),  # what follows the @ of where it went; NULL: it has none
    # The version that decided it; NULL of what rules outside campaigns send, or nobody knows.
    Column("version_id", BigInteger),
    Index(
        "outbox_due",
        "channel",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    partial("outbox_overdue", "campaign_id", "lead_id", where="overdue_at IS NOT NULL"),
    partial("outbox_lost", "settled_at", where=LOST),
    partial("outbox_held", "channel", where=HELD),
    partial("outbox_limited", "channel", where=LIMITED),
    partial("outbox_put_off", "channel", "held_at", where=PUT_OFF),
    partial("outbox_doubted", "doubted_at", where="doubted_at IS NOT NULL"),
    partial("outbox_alike", *ALIKE, where="recipient IS NOT NULL"),
    partial("outbox_gathered", "gathering", where="gathering IS NOT NULL"),
    partial("outbox_owned", "channel", where=OWNED),
    sqlite_with_rowid=False,
)

#: Messages by hour and by what they count against (server.dispatch.limits): `key` is a hash.
recipient_counts = Table(
    "recipient_counts",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("hour", BigInteger, primary_key=True, autoincrement=False),  # since 1970, UTC
    Column("count", Integer, nullable=False),
    Index("recipient_counts_hour", "hour"),
    sqlite_with_rowid=False,
)

#: What the lanes of one channel have in common, where several processes send: a row locked by each turn
#: that takes messages. Instants are those of the database's clock.
lanes = Table(
    "lanes",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("tokens", Float, nullable=False),  # how many may leave at once, as of `filled_at`
    Column("filled_at", Instant),
    Column("failures", Integer, nullable=False),  # in a row
    Column("pause", BigInteger, nullable=False),  # of its breaker, in microseconds
    Column("until", Instant),  # it is cut until then
    Column("probing_until", Instant),  # one message is being tried, or was to be until then
    Column("reason", Text),
    sqlite_with_rowid=False,
)

#: How fast one domain was written to lately, likewise; `key` is a hash of it and of its channel.
domain_turns = Table(
    "domain_turns",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("filled_at", Instant, nullable=False),
    Column("last", Instant),  # when the last of those that wait for it may leave
    Index("domain_turns_filled", "filled_at"),
    sqlite_with_rowid=False,
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("address_key", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    # By the person (left, complained, said STOP), and not by a server that says nobody is there.
    Column("asked", Boolean, nullable=False, server_default=text("true")),
    sqlite_with_rowid=False,
)

#: Suppressions that an operator undid: what they were, and the reason given.
lifted_suppressions = Table(
    "lifted_suppressions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("address_key", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("asked", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    Column("lifted_at", Instant, nullable=False),
    Index("lifted_suppressions_by_address", "channel", "address_key"),
)

kept_texts = Table(
    "kept_texts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    # The lead whose messages alone hold it; NULL: it says the same to all.
    Column("lead_id", BigInteger),
    partial("kept_texts_lead", "lead_id", where="lead_id IS NOT NULL"),
)

#: Links followed wherever they are put, those withdrawn from the rules included: their short
#: addresses are out in the world.
tracked_links = Table(
    "tracked_links",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("utm", Text, nullable=False),  # JSON object
    Column("slug", String(16), nullable=False),
    Column("withdrawn", Boolean, nullable=False),
)

#: Addresses of leads that no field holds: the browsers that take a lead's notifications.
attached = Table(
    "attached",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("hash", String(64), primary_key=True),  # SHA-256 of the name that tells it apart
    Column("lead_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("visitor", String(128)),  # the mark of the browser it was brought by
    Column("told", String(64)),  # the type of the event told of a lead it comes to be of
    Index("attached_lead", "lead_id", "channel"),
    partial("attached_visitor", "visitor", where="visitor IS NOT NULL"),
    sqlite_with_rowid=False,
)

#: Events noted for the sinks that want them (`relance.sink`): whole, so that what happened is told as
#: it was whatever becomes of the lead. `id` is the event's own.
deliveries = Table(
    "deliveries",
    metadata,
    Column("sink", String(64), primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("lead_id", BigInteger, nullable=False),
    Column("type", String(64), nullable=False),
    Column("subject", Text),
    Column("address", Text),
    Column("context", Text),
    Column("properties", Text),  # JSON object
    Column("amount", BigInteger),  # in ten-thousandths of the currency's unit
    Column("currency", String(3)),
    Column("occurred_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    # pending, delivered, failed, cancelled
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant),  # NULL once settled
    Column("settled_at", Instant),
    Column("reason", Text),  # what was answered last, when it was no success
    partial("deliveries_due", "sink", "due_at", where="due_at IS NOT NULL"),
    partial("deliveries_settled", "settled_at", where="settled_at IS NOT NULL"),
    Index("deliveries_lead", "lead_id"),
    sqlite_with_rowid=False,
)

#: The sinks that wanted no more: nothing is noted for them until the operator says.
stopped_sinks = Table(
    "stopped_sinks",
    metadata,
    Column("sink", String(64), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
