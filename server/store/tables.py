"""The tables, one schema for both stores.

Instants are BIGINT microseconds since 1970 UTC. Every hot table carries `lead_id` first in its
key, so that it can be distributed by lead. Names from scripts (lists, tags, subjects) are kept
with a folded key beside the author's text. `leads` gains a real column per custom field
(`server.store.fields`).
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    text,
)

from server.store.schema import Id as Id
from server.store.schema import Instant as Instant
from server.store.schema import metadata as metadata
from server.store.warmth import interests as interests
from server.store.warmth import points as points
from server.store.warmth import standing_rules as standing_rules

leads = Table(
    "leads",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("merged_into", BigInteger),
    Column("score", Integer, nullable=False, server_default="0"),
    Column("f_courriel", Text),
    Column("f_prenom", Text),
    Column("f_nom", Text),
    Column("f_telephone", Text),
    Column("f_cellulaire", Text),
    Column("f_ville", Text),
    Column("f_langue", Text),
    Column("f_date_de_naissance", Date),
    Column("f_fuseau", Text),
    Column("f_vendeur", Text),  # the person of the team it is assigned to
)

identities = Table(
    "identities",
    metadata,
    Column("kind", String(16), primary_key=True),  # email, phone, visitor
    Column("value", Text, primary_key=True),
    Column("lead_id", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)

lead_fields = Table(
    "lead_fields",
    metadata,
    Column("key", String(64), primary_key=True),  # folded name
    Column("name", Text, nullable=False),
    Column("column", String(80), nullable=False, unique=True),
    Column("type", String(16), nullable=False),
    Column("choices", Text),  # JSON array, for « choix »
)

lists = Table(
    "lists",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("name", Text, nullable=False),
)

list_members = Table(
    "list_members",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("list_key", String(200), primary_key=True),
    Column("since", Instant, nullable=False),
    Index("list_members_by_list", "list_key", "lead_id"),
    sqlite_with_rowid=False,
)

lead_tags = Table(
    "lead_tags",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("tag_key", String(200), primary_key=True),
    Column("name", Text, nullable=False),
    Column("since", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: The events that reports count over a period, whoever they are about. SQLite uses a partial index
#: for a query that holds its very words.
MEASURED = (
    "type IN ('contact_ended', 'contact_made', 'contact_missed', 'contact_rated', "
    "'contact_unanswered', 'purchase')"
)

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
    Column("pending", Boolean, nullable=False),
    Index(
        "events_pending",
        "id",
        "lead_id",
        sqlite_where=text("pending"),
        postgresql_where=text("pending"),
    ),
    Index(
        "events_measured",
        "type",
        "occurred_at",
        sqlite_where=text(MEASURED),
        postgresql_where=text(MEASURED),
    ),
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

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version_id", BigInteger),
)

versions = Table(
    "versions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign_id", BigInteger, ForeignKey("campaigns.id"), nullable=False, index=True),
    Column("hash", String(64), nullable=False),
    Column("program", Text, nullable=False),  # JSON, `dsl.codec`
    Column("source", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", Integer, primary_key=True, autoincrement=False),  # 1 for the first time
    Column("version_id", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("outcome", String(16)),  # dsl.program.Exit, once left
    Column("statement", Integer, nullable=False),  # where it stands, in the version's program
    Column("step", Text),  # the last named step passed
    Column("moves", Integer, nullable=False),  # the journal's last `move`
    Column("entered_at", Instant, nullable=False),
    Column("left_at", Instant),
    Column("since_at", Instant, nullable=False),  # reference instant of the wait
    Column("since_event", BigInteger, nullable=False),  # events up to this id are behind it
    Column("wake_at", Instant),  # when the clock next concerns it
    Column("deadline", Instant),  # when its wait gives up
    Column("expires_at", Instant),  # when it must leave whatever it does
    Index(
        "enrolments_due",
        "wake_at",
        sqlite_where=text("wake_at IS NOT NULL"),
        postgresql_where=text("wake_at IS NOT NULL"),
    ),
    Index(
        "enrolments_active",
        "lead_id",
        "campaign_id",
        unique=True,
        sqlite_where=text("active"),
        postgresql_where=text("active"),
    ),
    sqlite_with_rowid=False,
)

#: Which waiting enrolment an event of a type concerns.
waits = Table(
    "waits",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("topic", String(64), primary_key=True),
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

#: For state triggers: the leads for which the condition holds now, so that only a turn counts.
edges = Table(
    "edges",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("trigger", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

#: When each scheduled trigger is next due.
schedules = Table(
    "schedules",
    metadata,
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("trigger", Integer, primary_key=True, autoincrement=False),
    Column("due_at", Instant, nullable=False),
    # While a crowd is let in part by part: those up to this lead have had their turn.
    Column("after_lead", BigInteger),
)

#: Versions that fail when they are run, and why; and the events that came for them meanwhile, to
#: be looked at when they are back: by their exits, or (`entering`) by their campaign's entries.
set_aside = Table(
    "set_aside",
    metadata,
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

missed = Table(
    "missed",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("entering", Boolean, primary_key=True, autoincrement=False),
    Column("type", String(64), nullable=False),
    sqlite_with_rowid=False,
)

#: A move of an enrolment. The key makes a second one of the same number impossible.
journal = Table(
    "journal",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("move", Integer, primary_key=True, autoincrement=False),
    Column("version_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),  # server.engine.moves.Move
    Column("statement", Integer),  # None for entry and exit
    Column("cause", String(16), nullable=False),  # event, time, move, operator
    Column("cause_event", BigInteger),
    Column("branch", Integer),  # of a decision (1, 0), a wait, a split; a jump's target
    Column("until", Instant),  # of a wait
    Column("leaves", Text),  # JSON: [[truth, value], …] in the order of `facts.leaves`
    sqlite_with_rowid=False,
)

#: Entries that were refused, and why: one row a lead, campaign and reason.
refusals = Table(
    "refusals",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "reason", String(16), primary_key=True
    ),  # already_in, once_only, too_soon, too_often, out_of_period
    Column("at", Instant, nullable=False),
    Column("event_id", BigInteger),
    sqlite_with_rowid=False,
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
    # pending, sending, sent, refused, failed, doubtful, suppressed, cancelled
    Column("state", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant),  # NULL once settled
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("doubted_at", Instant),  # last time nobody could tell whether it left
    Column("settled_at", Instant),
    Column("reason", Text),
    Column("reference", Text),
    Index(
        "outbox_due",
        "channel",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("address_key", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

kept_texts = Table(
    "kept_texts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("text", Text, nullable=False),
)

#: The team leads are assigned to, in the order of turns; `turn` marks whose it is.
team = Table(
    "team",
    metadata,
    Column("key", String(200), primary_key=True),  # folded name
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("position", Integer, nullable=False),  # from 0
    Column("turn", Boolean, nullable=False),
)

#: When a source that dates what it says last told a field of a lead: what it said before comes late.
learned = Table(
    "learned",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("source", String(200), primary_key=True),
    Column("field", String(80), primary_key=True),  # the column of `leads`
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: The server's own settings that must survive a restart (the signing secret).
server_settings = Table(
    "server_settings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
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

#: When time alone may next change the answer of a condition for a lead: at an instant, or at the
#: beginning of a local day. `owner` is the version whose trigger `number` watches it; 0: the
#: dynamic list of that number.
flips = Table(
    "flips",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant),
    Column("zone", String(64)),
    Column("day", Date),
    Index(
        "flips_at",
        "at",
        sqlite_where=text("at IS NOT NULL"),
        postgresql_where=text("at IS NOT NULL"),
    ),
    Index(
        "flips_day",
        "zone",
        "day",
        sqlite_where=text("day IS NOT NULL"),
        postgresql_where=text("day IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

#: State triggers being noted: for which leads it holds already (`edges`) and when time changes it
#: (`flips`), as of the instant `at`, for leads up to `last_lead`; done up to `noted_to`.
notings = Table(
    "notings",
    metadata,
    Column("owner", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("last_lead", BigInteger),  # NULL: those who have come since too
    Column("noted_to", BigInteger, nullable=False),
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


def same(left: Any, right: Any) -> ColumnElement[bool]:
    """Both rows are of the same enrolment."""
    return and_(
        left.c.lead_id == right.c.lead_id,
        left.c.campaign_id == right.c.campaign_id,
        left.c.entry == right.c.entry,
    )
