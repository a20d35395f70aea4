"""What was counted once of long histories, so that one event more costs what the first did.

All of it can be found anew in `events`: a row that is missing costs time, never an answer.
"""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from server.store.schema.metadata import Instant, metadata

#: Of a lead's events of a type, up to `upto`: how many are of those that a question is about, what
#: they amount to, when the last happened. The question 0 is about them all.
tallies = Table(
    "tallies",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(64), primary_key=True),
    Column("question", BigInteger, primary_key=True, autoincrement=False),
    Column("anchor", String(100), primary_key=True),  # since when in a campaign; empty: no matter
    Column("upto", BigInteger, nullable=False),
    Column("since", Instant),  # of « les N derniers jours »: what happened before is left out
    # Of the question 0, which questions were asked then.
    Column("count", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),  # in ten-thousandths of the currency's unit
    Column("last_at", Instant),
    sqlite_with_rowid=False,
)

#: The events that « les N derniers jours » hold, one after another: what leaves is taken off.
tallied = Table(
    "tallied",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(64), primary_key=True),
    Column("question", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("amount", BigInteger),
    sqlite_with_rowid=False,
)

#: The visits of those who saw many pages. `pages`: how many, to the end of this one; the last row
#: says up to which event pages were looked at.
visits = Table(
    "visits",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("began_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("pages", BigInteger, nullable=False),
    Column("upto", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
