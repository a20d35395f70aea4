"""Campaigns, who is in them, where, since when and why."""

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

from server.store.schema.metadata import Id, Instant, metadata, partial

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("present", Boolean, nullable=False),  # whether the project as published has it
    Column("version_id", BigInteger),
    # What the team decided (server.engine.life.state), since when.
    Column("state", String(16), nullable=False, server_default="active"),
    Column("state_at", Instant, nullable=False, server_default="0"),
    # Whether its rules act: active, and in its period. The engine says so, in one place
    # (server.engine.life), and the dispatch goes by it.
    Column("runs", Boolean, nullable=False, server_default=text("true")),
    # The key of its exclusive group, of which a lead is in one campaign at most.
    Column("exclusive_group", String(200)),
    # In that group: the smallest first, then by key.
    Column("priority", Integer, nullable=False, server_default="0"),
    # On what basis its marketing messages leave (`relance.consent.Basis`); NULL: as the project is set.
    Column("consent", Integer),
    # The states that its versions up to this one ask about were followed until it last stopped.
    Column("followed_to", BigInteger),
)

#: In which binder a team keeps a campaign, by the key of its name: a copy has it before it is published.
campaign_binders = Table(
    "campaign_binders",
    metadata,
    Column("campaign_key", String(200), primary_key=True),
    Column("binder_key", String(200), nullable=False),
    Column("name", Text, nullable=False),
    Index("campaign_binders_of", "binder_key", "campaign_key"),
    sqlite_with_rowid=False,
)

#: And under which labels, likewise.
campaign_labels = Table(
    "campaign_labels",
    metadata,
    Column("label_key", String(200), primary_key=True),
    Column("campaign_key", String(200), primary_key=True),
    Column("name", Text, nullable=False),
    Index("campaign_labels_of", "campaign_key"),
    sqlite_with_rowid=False,
)

#: What was done to campaigns, by whom and why: the journal of their lives, only ever added to.
campaign_changes = Table(
    "campaign_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),  # server.engine.life.state.Change
    Column("who", Text),  # NULL: the calendar did it, or a folder that was saved
    Column("why", Text),
    Column("publication", BigInteger),  # the number of the one it was done by or under
    Column("details", Text),  # JSON object: counts, the plan of a resume
    Index("campaign_changes_of", "campaign_id", "id"),
)

#: What is being done to the people of a campaign, part by part, an operation at a time. Done up to
#: the lead `after_lead`; until all is, the campaign does not run.
transitions = Table(
    "transitions",
    metadata,
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),  # resumed, archived
    Column("plan", Text, nullable=False),  # JSON object
    Column("phase", String(16), nullable=False),
    Column("after_lead", BigInteger, nullable=False),
    Column("counts", Text, nullable=False),  # JSON object: how many so far
    Column("begun_at", Instant, nullable=False),
    Column("who", Text),
    Column("why", Text),
)

versions = Table(
    "versions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign_id", BigInteger, ForeignKey("campaigns.id"), nullable=False, index=True),
    Column("hash", String(64), nullable=False),
    Column("program", Text, nullable=False),  # JSON, `dsl.program_codec`
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
    # It came due then, while its campaign did not run: `wake_at` is NULL until that is resumed.
    Column("overdue_at", Instant),
    # A transfer put it there, where it is yet to arrive: its turn brings it, instead of ending a wait.
    Column("arriving", Boolean, nullable=False, server_default=text("false")),
    # Of the share that gets nothing, to be compared with the others (« témoin »).
    Column("held_out", Boolean, nullable=False, server_default=text("false")),
    # The value this stay is for, where each has its own (`dsl.program.Reentry.BY_VALUE`); else ''.
    Column("stay_value", String(200), nullable=False, server_default=""),
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
        "stay_value",
        unique=True,
        sqlite_where=text("active"),
        postgresql_where=text("active"),
    ),
    # Which versions somebody is in is read off it, without going through those who are.
    partial("enrolments_inside", "campaign_id", "lead_id", "version_id", where="active"),
    # Who entered last, who left last: what a page of people shows first.
    partial("enrolments_entered", "campaign_id", "entered_at", where="active"),
    partial("enrolments_left", "campaign_id", "left_at", where="NOT active"),
    partial("enrolments_overdue", "campaign_id", where="overdue_at IS NOT NULL"),
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
    Index("missed_by_version", "version_id", "entering", "lead_id", "event_id"),
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
    # Who drew which share of a « répartir », when.
    partial(
        *("journal_splits", "version_id", "statement", "lead_id", "branch", "at"),
        where="kind = 'split'",
    ),
    sqlite_with_rowid=False,
)

#: Entries that were refused, and why: one row a lead, campaign and reason.
refusals = Table(
    "refusals",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", String(16), primary_key=True),  # server.reports.words has them all
    Column("at", Instant, nullable=False),
    Column("event_id", BigInteger),
    Column("held_by", BigInteger),  # in_group: the campaign of the group that has it
    sqlite_with_rowid=False,
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
    Column("said", Text, nullable=False),  # JSON, `relance.said`
    Column("at", Instant, nullable=False),
    Column("last_lead", BigInteger),  # NULL: those who have come since too
    Column("noted_to", BigInteger, nullable=False),
    # Its campaign did not run for a while: whom it turned true for meanwhile is told.
    Column("tells", Boolean, nullable=False, server_default=text("false")),
    # Under what it is noted for whom it held before then, of leads beyond `noted_to`: a trigger of a
    # former version, whose rows go part by part.
    Column("former_version", BigInteger),
    Column("former_trigger", Integer),
)

#: State entries that are to take those who are there already, from the instant `due_at` on: part by
#: part, done up to `after_lead`, `told` of them so far; `opening`: because a period opens.
takings = Table(
    "takings",
    metadata,
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("trigger", Integer, primary_key=True, autoincrement=False),
    Column("due_at", Instant, nullable=False),
    Column("opening", Boolean, nullable=False),
    # Of those due at once, which comes first: its campaign's place in its exclusive group.
    Column("place", Integer, nullable=False, server_default="0"),
    Column("after_lead", BigInteger, nullable=False),
    Column("told", BigInteger, nullable=False),
)


def same(left: Any, right: Any) -> ColumnElement[bool]:
    """Both rows are of the same enrolment."""
    return and_(
        left.c.lead_id == right.c.lead_id,
        left.c.campaign_id == right.c.campaign_id,
        left.c.entry == right.c.entry,
    )
