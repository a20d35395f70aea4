"""How many leads reached each goal, and entered each campaign: kept with what they are counts of."""

from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from server.engine.batch import batch, insert_or
from server.engine.tick import Prepared, Tick
from server.store.schema.goals import campaign_leads, goal_counts


async def add(conn: AsyncConnection, found: Counter[int]) -> None:
    """So many leads more reached each of these goals, or less."""
    rows = [{"goal_id": goal, "reached": number} for goal, number in found.items() if number]
    if not rows:
        return
    maker: Any = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    put = maker(goal_counts)
    total = goal_counts.c.reached + put.excluded.reached
    await conn.execute(
        put.on_conflict_do_update(index_elements=["goal_id"], set_={"reached": total}), rows
    )


class Entrants:
    """Those who enter a campaign for the first time, counted."""

    def __init__(self, dialect: str) -> None:
        rows = (
            select(batch.c.campaign_id)
            .where(batch.c.fresh, batch.c.entry == 1)
            .group_by(batch.c.campaign_id)
        )
        values = {"campaign_id": batch.c.campaign_id, "entered": func.count()}
        put = insert_or(dialect, campaign_leads, values, rows)
        total = campaign_leads.c.entered + put.excluded.entered
        self._count = Prepared(
            put.on_conflict_do_update(index_elements=["campaign_id"], set_={"entered": total})
        )

    async def run(self, tick: Tick) -> None:
        """Those of the batch, once it is written."""
        await tick.do(self._count)
