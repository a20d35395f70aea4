"""Messages that may have left before the base was restored: held until the operator says."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.instants import Micros
from server.store.schema import HELD, campaigns, outbox

REASON = "retenu : la base a été restaurée, et ce message est peut-être déjà parti"
ABANDONED = "abandonné après une restauration"
_HELD = text(HELD)


async def hold(conn: AsyncConnection) -> int:
    """Hold all that is still to be sent, or was being sent; how many."""
    waiting = outbox.c.due_at.is_not(None)
    held = update(outbox).where(waiting).values(state="held", due_at=None, reason=REASON)
    return (await conn.execute(held)).rowcount


async def release(
    conn: AsyncConnection, channel: str | None, message: str | None, now: Micros
) -> int:
    """Send what is held (of that channel, of that name); how many."""
    values = {"state": "pending", "due_at": now, "reason": None}
    return (await conn.execute(_those(channel, message).values(values))).rowcount


async def abandon(
    conn: AsyncConnection, channel: str | None, message: str | None, now: Micros
) -> int:
    """Never send what is held (of that channel, of that name); how many."""
    values = {"state": "cancelled", "settled_at": now, "reason": ABANDONED}
    return (await conn.execute(_those(channel, message).values(values))).rowcount


def _those(channel: str | None, message: str | None) -> Any:
    return update(outbox).where(_HELD, *_of(channel, message))


def _of(channel: str | None, message: str | None) -> Sequence[ColumnElement[bool]]:
    wanted = ((outbox.c.channel, channel), (outbox.c.message, message))
    return [column == value for column, value in wanted if value is not None]


async def count(conn: AsyncConnection) -> int:
    """How many messages are held."""
    return await conn.scalar(select(func.count()).select_from(outbox).where(_HELD)) or 0


async def by_message(conn: AsyncConnection) -> Sequence[Any]:
    """Rows (campaign, channel, message, count, first), the most first."""
    number = func.count().label("count")
    query = (
        select(
            campaigns.c.name.label("campaign"),
            outbox.c.channel,
            outbox.c.message,
            number,
            func.min(outbox.c.created_at).label("first"),
        )
        .join_from(outbox, campaigns, campaigns.c.id == outbox.c.campaign_id)
        .where(_HELD)
        .group_by(campaigns.c.name, outbox.c.channel, outbox.c.message)
        .order_by(number.desc(), outbox.c.message)
    )
    return (await conn.execute(query)).all()
