"""The temporary tables of a tick, made on its connection and emptied for the next."""

from collections.abc import Sequence

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateIndex, CreateTable

from server.engine.batch import EMPTIED, TABLES
from server.engine.tick import Tick

#: Kept with the connection: the rows that went through its tables since they were made anew.
_WORN = "relance_batch"
#: And whether the tick before put nothing in them: they are then not emptied again.
_EMPTY = "relance_batch_empty"
#: Rows after which PostgreSQL's tables are emptied by TRUNCATE, those of more bytes. It gives the pages
#: back, which nothing else does for temporary tables, but each takes as long as two small ticks.
_WORN_OUT, _LARGE = 1_000, 65_536
_LARGE_ONES = text(
    "SELECT name FROM unnest(CAST(:p_names AS text[])) AS name "
    "WHERE pg_relation_size(CAST(name AS regclass)) > :p_large"
)


async def prepare(tick: Tick) -> None:
    """Make the tables of a tick on its connection if that has none, empty on any.

    What the tick does to them is noted once it is committed: a rollback unmakes the tables too.
    """
    conn = tick.conn
    info = (await conn.get_raw_connection()).info
    worn, empty = info.get(_WORN), info.pop(_EMPTY, False)
    if worn is None:
        for table in TABLES:
            await conn.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                await conn.execute(CreateIndex(index, if_not_exists=True))
        worn = 0
    truncated: Sequence[str] = ()
    if conn.dialect.name == "postgresql" and worn > _WORN_OUT:
        truncated, worn = await _truncate(conn), 0
    for table in () if empty else EMPTIED:
        if table.name not in truncated:
            await conn.execute(delete(table))
    before = worn
    tick.after_commit.append(
        lambda: info.update({_WORN: before + tick.rows_moved + 1, _EMPTY: not tick.used})
    )


async def _truncate(conn: AsyncConnection) -> Sequence[str]:
    """Empty those that have grown; which."""
    names = [table.name for table in TABLES]
    grown = (await conn.execute(_LARGE_ONES, {"p_names": names, "p_large": _LARGE})).scalars().all()
    if grown:
        await conn.exec_driver_sql(f"TRUNCATE {', '.join(grown)}")
    return grown
