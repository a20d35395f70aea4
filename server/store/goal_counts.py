"""What is counted of goals when two leads become one, or two again.

Who reached a goal is found anew by the tick that learns of it; what is kept of a lead that is gone is
taken off at once, and so is who entered a campaign twice as two.
"""

from collections import Counter

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_BOTH = (
    "SELECT DISTINCT p.source, a.campaign_id FROM {pairs} "
    "JOIN enrolments a ON a.lead_id = p.source "
    "JOIN enrolments b ON b.lead_id = p.target AND b.campaign_id = a.campaign_id"
)


async def merge(conn: AsyncConnection, pairs: str, bound: str) -> None:
    """Before the entries of the sources are handed over. `pairs` is a subquery over `:pairs`."""
    both = _BOTH.format(pairs=pairs)
    reached = f"SELECT r.goal_id FROM {pairs} JOIN goals_reached r ON r.lead_id = p.source"  # noqa: S608
    for statement in (
        "UPDATE campaign_leads SET entered = entered - "  # noqa: S608
        f"(SELECT count(*) FROM ({both}) c WHERE c.campaign_id = campaign_leads.campaign_id) "
        f"WHERE campaign_id IN (SELECT c.campaign_id FROM ({both}) c)",
        "UPDATE goal_counts SET reached = reached - "  # noqa: S608
        f"(SELECT count(*) FROM ({reached}) c WHERE c.goal_id = goal_counts.goal_id) "
        f"WHERE goal_id IN (SELECT c.goal_id FROM ({reached}) c)",
        f"DELETE FROM goals_reached WHERE lead_id IN (SELECT p.source FROM {pairs})",  # noqa: S608
        f"UPDATE goal_events SET lead_id = p.target FROM {pairs} "  # noqa: S608
        "WHERE goal_events.lead_id = p.source",
    ):
        await conn.execute(text(statement), {"pairs": bound})


async def entered(conn: AsyncConnection, *leads: int) -> Counter[int]:
    """How many of these leads have been in each campaign."""
    query = text("SELECT DISTINCT campaign_id FROM enrolments WHERE lead_id = :lead")
    found: Counter[int] = Counter()
    for lead in leads:
        found.update((await conn.execute(query, {"lead": lead})).scalars())
    return found


async def separate(conn: AsyncConnection, source: int, target: int, before: Counter[int]) -> None:
    """Once both have their entries and their events; `before`: as `entered` told of both."""
    now = await entered(conn, source, target)
    changes = [
        {"campaign": one, "more": now[one] - before[one]}
        for one in now | before
        if now[one] != before[one]
    ]
    more = text("UPDATE campaign_leads SET entered = entered + :more WHERE campaign_id = :campaign")
    if changes:
        await conn.execute(more, changes)
    await conn.execute(
        text(
            "UPDATE goal_events SET lead_id = :source WHERE lead_id = :target "
            "AND event_id IN (SELECT id FROM events WHERE lead_id = :source)"
        ),
        {"source": source, "target": target},
    )
