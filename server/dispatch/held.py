"""Messages held until the operator says: they may have left before the base was restored, or their
recipients had all that limits allow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.dispatch.gathering import GATHERED
from server.store.instants import Micros
from server.store.schema.campaigns import campaigns
from server.store.schema.messages import HELD, LIMITED, outbox

REASON = "retenu : la base a été restaurée, et ce message est peut-être déjà parti"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why messages are held: the words their index has, and what is said of those given up."""

    where: str
    abandoned: str


RESTORED = Hold(HELD, "abandonné après une restauration")
OVER_LIMITS = Hold(LIMITED, "abandonné : son destinataire avait reçu tous les messages permis")


async def hold(conn: AsyncConnection) -> int:
    """Hold all that is still to be sent, or was being sent, of a restored base; how many."""
    held = {"state": "held", "due_at": None, "overdue_at": None, "reason": REASON}
    count = 0
    # What its campaign keeps for its return may have left as well.
    kept = and_(text("outbox.overdue_at IS NOT NULL"), outbox.c.state == "pending")
    for waiting in (outbox.c.due_at.is_not(None), kept):
        count += (await conn.execute(update(outbox).where(waiting).values(held))).rowcount
    return count


async def release(
    conn: AsyncConnection, hold: Hold, channel: str | None, message: str | None, now: Micros
) -> int:
    """Send what is held (of that channel, of that name), whatever the limits; how many."""
    values = {"state": "pending", "due_at": now, "released_at": now, "reason": None}
    return (await conn.execute(_those(hold, channel, message).values(values))).rowcount


async def abandon(
    conn: AsyncConnection, hold: Hold, channel: str | None, message: str | None, now: Micros
) -> int:
    """Never send what is held (of that channel, of that name); how many."""
    values = {"state": "cancelled", "settled_at": now, "reason": hold.abandoned}
    leaders = select(outbox.c.gathering).where(
        text(f"outbox.{hold.where}"), outbox.c.gathering.is_not(None), *_of(channel, message)
    )
    leaders = leaders.correlate(None)
    tied = update(outbox).where(outbox.c.gathering.in_(leaders), outbox.c.state == GATHERED)
    await conn.execute(tied.values(values))
    return (await conn.execute(_those(hold, channel, message).values(values))).rowcount


def _those(hold: Hold, channel: str | None, message: str | None) -> Any:
    return update(outbox).where(text(f"outbox.{hold.where}"), *_of(channel, message))


def _of(channel: str | None, message: str | None) -> Sequence[ColumnElement[bool]]:
    wanted = ((outbox.c.channel, channel), (outbox.c.message, message))
    return [column == value for column, value in wanted if value is not None]


async def count(conn: AsyncConnection, hold: Hold) -> int:
    """How many messages are held."""
    query = select(func.count()).select_from(outbox).where(text(f"outbox.{hold.where}"))
    return await conn.scalar(query) or 0


async def by_message(conn: AsyncConnection, hold: Hold) -> Sequence[Any]:
    """Rows (campaign, channel, message, reason, count, leads, first), the most first."""
    number = func.count().label("count")
    alike = (campaigns.c.name, outbox.c.channel, outbox.c.message, outbox.c.reason)
    query = (
        select(
            campaigns.c.name.label("campaign"),
            *alike[1:],
            number,
            func.count(outbox.c.lead_id.distinct()).label("leads"),
            func.min(outbox.c.created_at).label("first"),
        )
        .join_from(outbox, campaigns, campaigns.c.id == outbox.c.campaign_id)
        .where(text(f"outbox.{hold.where}"))
        .group_by(*alike)
        .order_by(number.desc(), outbox.c.message)
    )
    return (await conn.execute(query)).all()
