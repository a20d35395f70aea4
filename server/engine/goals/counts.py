"""How many leads reached each goal, and entered each campaign: kept with what they are counts of."""

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.engine.batch import batch, insert_or
from server.engine.tick import Prepared, Tick
from server.store.bulk import insert_rows
from server.store.schema.goals import campaign_leads


async def add(conn: AsyncConnection, found: Counter[int]) -> None:
    """So many leads more reached each of these goals, or less."""
    rows = sorted((goal, number) for goal, number in found.items() if number)
    more = "ON CONFLICT (goal_id) DO UPDATE SET reached = goal_counts.reached + excluded.reached"
    await insert_rows(conn, "goal_counts", ("goal_id", "reached"), rows, more)


class Entrants:
    """Those who enter a campaign for the first time, counted."""

    def __init__(self, dialect: str) -> None:
        rows = (
            select(batch.c.campaign_id)
            .where(batch.c.fresh, batch.c.entry == 1)
            .group_by(batch.c.campaign_id)
            .order_by(batch.c.campaign_id)
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
