"""The work of one tick, in temporary tables of the writing connection.

`arrivals` holds the events being handled, `entrants` who asks to enter and the answer, `batch`
the enrolments on the move. A tick changes them set by set, then writes them back at once.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Executable,
    Index,
    Integer,
    Join,
    MetaData,
    Select,
    String,
    Table,
    Text,
    and_,
    case,
    delete,
    insert,
    literal,
    or_,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from dsl.program import END, Exit
from server.engine.unsought import Unsought
from server.store.schema.campaigns import enrolments

_metadata = MetaData()
_temporary: dict[str, Any] = {"prefixes": ["TEMPORARY"]}

# Modes of a row of the batch.
RUNNING, WAITING, LEFT, WOKEN, DUE, HELD = 0, 1, 2, 3, 4, 5

arrivals = Table(
    "arrivals",
    _metadata,
    # No key: an id is one event's, but a base where two servers once ran must not stop the engine.
    Column("id", BigInteger, nullable=False),
    Column("lead_id", BigInteger, nullable=False),
    Column("type", String(64), nullable=False),
    Column("subject_key", Text),
    Column("address", Text),
    Column("context_key", Text),
    Column("occurred_at", BigInteger, nullable=False),
    Column("properties", Text),
    # 1: handled now; 2 and more: after it; 0: nobody listens.
    Column("turn", Integer, nullable=False),
    Column("former_id", BigInteger),  # before it was numbered anew (`server.engine.dividing`)
    Index("arrivals_by_lead", "lead_id", "turn"),
    **_temporary,
)
#: The columns that are an event's.
OF_EVENTS = tuple(c.name for c in arrivals.columns if c.name not in ("turn", "former_id"))
#: The events that have their turn: one a lead.
handled = arrivals.c.turn == 1

entrants = Table(
    "entrants",
    _metadata,
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version_id", BigInteger, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("stay_value", Text, nullable=False),  # of which it is the stay; '' of none
    Column("reason", String(16)),  # why not, None if welcome
    Column("exclusive_group", Text),
    Column("place", Integer, nullable=False),  # in that group, the first to let in first
    Column("held_by", BigInteger),  # the campaign of the group that has it
    Column("event_id", BigInteger),
    Column("occurred_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("statement", Integer),
    Column("cause", String(16), nullable=False),
    Column("leaves", Text),
    sqlite_with_rowid=False,
    **_temporary,
)

batch = Table(
    "batch",
    _metadata,
    # The version first: its rows stand together, and moving them touches no index.
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("statement", Integer, nullable=False),
    Column("mode", Integer, nullable=False),
    Column("visit", Integer),  # the last passage of a statement that moved it
    Column("moves", Integer, nullable=False),
    Column("fresh", Boolean, nullable=False),  # entered in this tick
    Column("step", Text),
    Column("former_step", Text),  # the one it had when the tick began
    Column("former_statement", Integer),  # where it stood then
    Column("entered_at", BigInteger, nullable=False),
    Column("since_at", BigInteger, nullable=False),
    Column("since_event", BigInteger, nullable=False),
    Column("horizon", BigInteger, nullable=False),  # the last event it may see
    Column("wake_at", BigInteger),
    Column("deadline", BigInteger),
    Column("expires_at", BigInteger),
    Column("overdue_at", BigInteger),  # what it sends was due then, and is not to leave any more
    Column("outcome", String(16)),
    Column("stay_value", Text, nullable=False),
    Column("held_out", Boolean, nullable=False),  # it gets nothing
    Column("cause", String(16), nullable=False),
    Column("cause_event", BigInteger),
    Column("cause_at", BigInteger),  # when that event occurred
    Column("branch", Integer),
    Column("passed", Boolean),  # a wait, since it entered in this tick
    Column("leaves", Text),
    Index("batch_by_lead", "lead_id", "campaign_id"),
    # Its rows change many times a tick, and none of them what an index holds: given room beside it, a
    # row is written again on its own page, and no index is.
    postgresql_with={"fillfactor": 50},
    sqlite_with_rowid=False,
    **_temporary,
)

#: The leads a list or a state trigger is looked at for, and the last event that may be seen.
looked = Table(
    "looked",
    _metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("horizon", BigInteger, nullable=False),
    sqlite_with_rowid=False,
    **_temporary,
)

#: Of the leads of a part, who is in the list being built, and when time alone may change that.
foreseen = Table(
    "foreseen",
    _metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("holds", Boolean, nullable=False),
    Column("at", BigInteger),
    Column("day", Date),
    sqlite_with_rowid=False,
    **_temporary,
)

#: Who entered or left which dynamic list in this tick.
changes = Table(
    "changes",
    _metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("horizon", BigInteger, nullable=False),
    Column("added", Boolean, nullable=False),
    sqlite_with_rowid=False,
    **_temporary,
)

#: Of `flips`, those whose time has come.
turning = Table(
    "turning",
    _metadata,
    Column("owner", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    **_temporary,
)

#: The leads whose history of a type has grown enough to be counted, and up to which event it is.
grown = Table(
    "grown",
    _metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(64), primary_key=True),
    Column("upto", BigInteger, nullable=False),
    sqlite_with_rowid=False,
    **_temporary,
)

#: Emptied at the beginning of each tick; the others, by who fills them.
EMPTIED = (arrivals, entrants, batch)
TABLES = (*EMPTIED, looked, foreseen, changes, turning, grown)

#: What an enrolment keeps, that the batch holds too.
KEPT = (
    "statement",
    "step",
    "moves",
    "since_at",
    "since_event",
    "wake_at",
    "deadline",
    "outcome",
    "held_out",
)
#: Past the last statement: they leave, and no row of the batch is written for that.
finished = and_(batch.c.mode == RUNNING, batch.c.statement == END)
#: Whoever leaves in this tick, and how.
gone = or_(batch.c.mode == LEFT, finished)
outcome: ColumnElement[Any] = case(
    (finished, literal(Exit.FINISHED.value, Text)), else_=batch.c.outcome
)
#: No event is beyond this horizon.
EVERYTHING = 2**62


def emptying(table: Table, dialect: str) -> Executable:
    """The statement that empties one which each part of many fills by thousands.

    What PostgreSQL deletes of a temporary table stays there, and is read again with each part.
    """
    return text(f"TRUNCATE {table.name}") if dialect == "postgresql" else delete(table)


def insert_or(dialect: str, table: Table, values: dict[str, Any], rows: Select[Any]) -> Any:
    """INSERT … SELECT of these columns; the caller adds what to do with what is there already."""
    chosen = rows.with_only_columns(*values.values(), maintain_column_froms=True)
    maker: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return maker(table).from_select(list(values), chosen, include_defaults=False)


def insert_new(dialect: str, table: Table, values: dict[str, Any], rows: Select[Any]) -> Insert:
    """INSERT … SELECT of these columns from `rows`' source, leaving out what is there already."""
    statement: Insert = insert_or(dialect, table, values, rows).on_conflict_do_nothing()
    return statement


def insert_from(table: Table, values: dict[str, Any], rows: Select[Any]) -> Insert:
    """INSERT … SELECT of these columns from `rows`' source."""
    chosen = rows.with_only_columns(*values.values(), maintain_column_froms=True)
    return insert(table).from_select(list(values), chosen, include_defaults=False)


def beside_leads(table: Table, leads: Table) -> Join:
    """The rows of one of these tables, each with its lead, reached by its number."""
    return table.join(leads, leads.c.id == Unsought(table.c.lead_id))


def of_enrolment(**changes: Any) -> dict[str, Any]:
    """The columns of a row of the batch made from an enrolment, but for `changes`."""
    names = (
        "lead_id",
        "campaign_id",
        "entry",
        "version_id",
        "statement",
        "moves",
        "step",
        "entered_at",
        "since_at",
        "since_event",
        "wake_at",
        "deadline",
        "expires_at",
        "overdue_at",
        "stay_value",
        "held_out",
    )
    values: dict[str, Any] = {name: enrolments.c[name] for name in names}
    values["fresh"] = literal(False)
    values["former_step"] = enrolments.c.step
    values["former_statement"] = enrolments.c.statement
    values["horizon"] = literal(EVERYTHING, BigInteger)
    return {**values, **changes}
