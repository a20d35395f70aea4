"""Adding to the counters what transactions appended beside them (`triggers`), on PostgreSQL."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.counters.triggers import ADDED, COLUMNS, KEY
from server.store.store import Store

#: Any number will do: two that fold at once would wait for each other.
_LOCK = 7_236_531
_FOLD = text(
    f"WITH folded AS (DELETE FROM counter_changes RETURNING {COLUMNS}) "  # noqa: S608
    f"INSERT INTO counters ({COLUMNS}) SELECT {', '.join(KEY)}, sum(n), sum(total) FROM folded "
    f"GROUP BY {', '.join(KEY)} {ADDED}"
)


async def fold(store: Store) -> None:
    """Add it up; whoever reads sees each change once, before and after."""
    if store.dialect != "postgresql" or not store.counting:
        return

    async def work(conn: AsyncConnection) -> None:
        alone = await conn.scalar(text(f"SELECT pg_try_advisory_xact_lock({_LOCK})"))
        if alone:
            await conn.execute(_FOLD)

    await store.transact(work)


async def let_go_of_nothing(conn: AsyncConnection) -> None:
    """Keep no trace of what counts nothing any more, in the caller's transaction."""
    if conn.dialect.name == "postgresql":
        await conn.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        await conn.execute(_FOLD)
    await conn.execute(text("DELETE FROM counters WHERE n = 0 AND total = 0"))
