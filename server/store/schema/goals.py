"""What campaigns are for: their goals, the events that may reach them, and who did.

Who reached a goal is a question asked of `goal_events` and `enrolments`; the answer is kept, and so is
its count. Both are counted anew when the question changes: a window, the end of a period, an event.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from server.store.schema.metadata import Id, Instant, metadata

#: The goals of the campaigns of the project, as last published, and of those that were.
goals = Table(
    "goals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign_id", BigInteger, nullable=False),
    Column("key", String(200), nullable=False),
    Column("name", Text, nullable=False),
    # `server.engine.seed.number_of` what it asks: campaigns whose goal is the same share it.
    Column("question", BigInteger, nullable=False),
    Column("rule", Text, nullable=False),  # JSON, `dsl.goals.Goal`
    Column("position", Integer, nullable=False),  # among those of its campaign, from 0
    # How long after a lead left, or after the campaign's end, what happens still counts: about, see
    # `goal_windows`. `zone`: whose days those of the window are; NULL before they were of any.
    Column("time_window", BigInteger, nullable=False),
    Column("zone", Text),
    Column("ends_at", Instant),  # the end of the campaign's period
    Column("present", Boolean, nullable=False),  # whether the project as published has it
    # Counted for the leads up to this one; NULL once it is for all.
    Column("counted_to", BigInteger),
    # Whether what happened before it was published is yet to be looked for.
    Column("unsearched", Boolean, nullable=False),
    Index("goals_named", "campaign_id", "key", unique=True),
)

#: How long the window of a goal lasts that begins from an instant on, and until when at most.
goal_windows = Table(
    "goal_windows",
    metadata,
    Column("goal_id", BigInteger, primary_key=True, autoincrement=False),
    Column("since", Instant, primary_key=True, autoincrement=False),
    Column("length", BigInteger, nullable=False),
    Column("until", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: The events that goals ask about, of the leads who have been in a campaign that asks.
goal_events = Table(
    "goal_events",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("question", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: Who reached which goal, and by which event first.
goals_reached = Table(
    "goals_reached",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("goal_id", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: How many leads reached each goal.
goal_counts = Table(
    "goal_counts",
    metadata,
    Column("goal_id", BigInteger, primary_key=True, autoincrement=False),
    Column("reached", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: How many leads have entered each campaign, once or more.
campaign_leads = Table(
    "campaign_leads",
    metadata,
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("entered", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: What each campaign is to bring about in figures of the house, as last published.
campaign_objectives = Table(
    "campaign_objectives",
    metadata,
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("objective", Text, nullable=False),  # JSON, `dsl.objectives.Objective`
    sqlite_with_rowid=False,
)

#: Of a « répartir » that follows a goal, the part of each share of those who come, and since when.
split_parts = Table(
    "split_parts",
    metadata,
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("statement", Integer, primary_key=True, autoincrement=False),
    Column("parts", Text, nullable=False),  # JSON array, of 10,000
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
