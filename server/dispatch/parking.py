"""Messages that are due while their campaign does not run: set apart once, by the lane that meets them.

They are not sent, not settled, and no attempt is counted; resumed, the campaign gives them back. Those
of an archived campaign never leave.
"""

from collections.abc import Collection

from sqlalchemy import null, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.dispatch import gathering
from server.dispatch.claim import KEY
from server.store.instants import Micros
from server.store.schema.campaigns import campaigns
from server.store.schema.messages import outbox

#: How many one turn of a lane sets apart: a million of them hold up nobody.
PART = 5_000
ARCHIVED = "campagne archivée"


async def park(conn: AsyncConnection, channel: str, resting: Collection[int], now: Micros) -> None:
    """Set apart what is due of these campaigns, the longest first."""
    archived = select(campaigns.c.id).where(campaigns.c.id.in_(resting))
    archived = archived.where(campaigns.c.state == "archived")
    gone = set((await conn.execute(archived)).scalars())
    apart = {"overdue_at": outbox.c.due_at, "due_at": null()}
    cancelled = {"state": "cancelled", "due_at": null(), "settled_at": now, "reason": ARCHIVED}
    for those, change in ((set(resting) - gone, apart), (gone, cancelled)):
        if those:
            these = (
                select(*KEY)
                .where(
                    outbox.c.channel == channel,
                    outbox.c.due_at <= now,
                    outbox.c.state == "pending",
                    outbox.c.campaign_id.in_(sorted(those)),
                )
                .order_by(outbox.c.due_at)
                .limit(PART)
                .with_for_update(skip_locked=True)
            )
            stopped = update(outbox).where(tuple_(*KEY).in_(these)).values(**change)
            found = await conn.execute(stopped.returning(outbox.c.gathering))
            # Those they stood for may be of campaigns that run.
            if leaders := [key for key in found.scalars() if key is not None]:
                await gathering.let_go(conn, leaders, now)
