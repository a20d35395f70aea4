"""The people of one part of a transfer, in a temporary table of the writing connection, and where
statements are in the new version.
"""

from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    and_,
    delete,
    insert,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from server.engine.transfer.fate import Fate
from server.engine.transfer.transfers import Transfer
from server.engine.unsought import Unsought

_metadata = MetaData()
_temporary: dict[str, Any] = {"prefixes": ["TEMPORARY"], "sqlite_with_rowid": False}

#: Of each statement, where it is in the new version (`Landing`).
places = Table(
    "landing_places",
    _metadata,
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("statement", Integer, primary_key=True, autoincrement=False),
    Column("use", String(8), primary_key=True),
    Column("at", Integer, nullable=False),
    Column("same", Boolean, nullable=False),
    Column("hears", Boolean, nullable=False),
    Column("move", Text),
    Column("branch", Integer),
    Column("start", Integer),
    **_temporary,
)

#: What was done before a place and comes after it in the new version (`Crossing`).
crossed = Table(
    "landing_crossings",
    _metadata,
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("statement", Integer, primary_key=True, autoincrement=False),
    Column("done_in", BigInteger, primary_key=True, autoincrement=False),
    Column("done", Integer, primary_key=True, autoincrement=False),
    Column("target", Integer, nullable=False),
    Column("at", Integer, nullable=False),
    **_temporary,
)

#: Who is moved: from where, and to which statement `at`. `stood`: the statement they are found at, which
#: of those who are put back is not the one they come from. `start`: since when they wait, of those whose
#: wait has become another. `back`: the move behind which all that was done is not to be done again, of
#: those who return to a step; NULL of others.
movers = Table(
    "movers",
    _metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("version_id", BigInteger, nullable=False),
    Column("statement", Integer, nullable=False),
    Column("stood", Integer, nullable=False),
    Column("step", Text),
    Column("moves", Integer, nullable=False),
    Column("fate", String(8), nullable=False),
    Column("at", Integer),
    Column("same", Boolean),
    Column("hears", Boolean),
    Column("back", Integer),
    Column("start", BigInteger),
    Column("zone", Text),
    Column("arriving", Boolean, nullable=False),
    Column("deadline", BigInteger),
    Column("expires_at", BigInteger),
    Column("wake_at", BigInteger),
    Column("overdue_at", BigInteger),
    **_temporary,
)

#: Whose journey it is.
KEY = (movers.c.lead_id, movers.c.campaign_id, movers.c.entry)

#: Those who pass to the new version.
PASSING = movers.c.fate == Fate.MIGRATE.value

#: The ends of the waits that have become others, by what those who share one have in common.
ends = Table(
    "wait_ends",
    _metadata,
    Column("at", Integer, primary_key=True, autoincrement=False),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("zone", Text, primary_key=True),
    Column("end", BigInteger, nullable=False),
    **_temporary,
)


def of_mover(rows: Any) -> ColumnElement[bool]:
    """Those rows of a table that grows are of a mover: reached by their key, it being the short one."""
    return and_(
        rows.c.lead_id == Unsought(movers.c.lead_id),
        rows.c.campaign_id == movers.c.campaign_id,
        rows.c.entry == movers.c.entry,
    )


async def prepare(conn: AsyncConnection, one: Transfer) -> None:
    """Make the tables on this connection if it has none; those that say where things are filled."""
    for table in (places, crossed, movers, ends):
        await conn.execute(CreateTable(table, if_not_exists=True))
        await conn.execute(delete(table))
    if one.landings:
        await conn.execute(insert(places), [asdict(landing) for landing in one.landings])
    if one.crossings:
        await conn.execute(insert(crossed), [asdict(crossing) for crossing in one.crossings])
