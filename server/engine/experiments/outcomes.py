"""What the shares of a « répartir » came to: their leads, and those who reached the goal afterwards."""

from typing import Any

from sqlalchemy import Select, and_, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program_codec import codec
from server.engine.experiments.likelihood import Outcome
from server.store.schema.campaigns import journal
from server.store.schema.goals import goals, goals_reached


async def principal(conn: AsyncConnection, campaign_id: int) -> tuple[int, str] | None:
    """The number and the name of the principal goal of a campaign."""
    mine = (goals.c.campaign_id == campaign_id, goals.c.present)
    for row in await conn.execute(select(goals.c.id, goals.c.name, goals.c.rule).where(*mine)):
        if codec.from_json(row.rule).main:
            return row.id, row.name
    return None


async def read_outcomes(
    conn: AsyncConnection, version: int, statement: int, shares: int, goal: int | None
) -> tuple[Outcome, ...]:
    """Of each share of that statement, in their order."""
    rows = await conn.execute(_drawn(version, statement, goal))
    found = {row.branch: Outcome(row.leads, row.reached) for row in rows}
    return tuple(found.get(number, Outcome(0, 0)) for number in range(shares))


def _drawn(version: int, statement: int, goal: int | None) -> Select[Any]:
    """Each lead once, whatever the number of its passages."""
    after = and_(
        goals_reached.c.lead_id == journal.c.lead_id,
        goals_reached.c.goal_id == (goal or 0),
        goals_reached.c.at >= journal.c.at,
    )
    return (
        select(
            journal.c.branch,
            func.count(journal.c.lead_id.distinct()).label("leads"),
            func.count(goals_reached.c.lead_id.distinct()).label("reached"),
        )
        .select_from(journal.outerjoin(goals_reached, after))
        .where(
            text("journal.kind = 'split'"),
            journal.c.version_id == version,
            journal.c.statement == statement,
        )
        .group_by(journal.c.branch)
    )
