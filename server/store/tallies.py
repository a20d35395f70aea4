"""Forgetting what was counted of histories that change: two leads become one, or two again."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_TABLES = ("tallies", "tallied", "visits")


async def forget_moving(conn: AsyncConnection, pairs: str, bound: str) -> None:
    """Before events of the sources become the targets'. `pairs`: a subquery over `:pairs`.

    A target keeps what was counted of events that all come before those it is given: who is joined
    again and again has not all of it counted again each time.
    """
    for table in _TABLES:
        await conn.execute(
            text(f"DELETE FROM {table} WHERE lead_id IN (SELECT p.source FROM {pairs})"),  # noqa: S608
            {"pairs": bound},
        )
    of_type = {"tallies": "t.type", "tallied": "t.type", "visits": "'page_visited'"}
    upto = {
        "tallies": "t.upto",
        "tallied": "(SELECT max(k.upto) FROM tallies k WHERE k.lead_id = t.lead_id "
        "AND k.type = t.type AND k.question = t.question)",
        "visits": "(SELECT max(k.upto) FROM visits k WHERE k.lead_id = t.lead_id)",
    }
    for table in ("tallied", "visits", "tallies"):
        await conn.execute(
            text(
                f"DELETE FROM {table} AS t WHERE t.lead_id IN (SELECT p.target FROM {pairs}) "  # noqa: S608
                f"AND EXISTS (SELECT 1 FROM {pairs} JOIN events e ON e.lead_id = p.source "
                f"AND e.type = {of_type[table]} AND e.id <= {upto[table]} "
                "WHERE p.target = t.lead_id)"
            ),
            {"pairs": bound},
        )


async def forget(conn: AsyncConnection, *leads: int) -> None:
    """All that was counted of these leads."""
    for table in _TABLES:
        statement = text(f"DELETE FROM {table} WHERE lead_id = :lead")  # noqa: S608
        await conn.execute(statement, [{"lead": lead} for lead in leads])


async def forget_all(conn: AsyncConnection) -> None:
    """All that was counted: what events are about is told otherwise now."""
    for table in _TABLES:
        await conn.execute(text(f"DELETE FROM {table}"))  # noqa: S608
