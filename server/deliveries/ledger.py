"""What is noted for a sink: what is due, what became of it, and what is tried anew."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, tuple_, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Refused, Retry, Sent
from relance.fold import fold
from relance.sink import Delivery, Handed, SinkGone
from server.deliveries import schedule
from server.store.amounts import amount_of
from server.store.instants import Micros, from_micros, to_micros
from server.store.schema.messages import deliveries, stopped_sinks

PENDING, DELIVERED, FAILED, CANCELLED = "pending", "delivered", "failed", "cancelled"
#: Why what is given up unheard is.
_TOO_LONG = "le destinataire n’a pas répondu pendant cinq jours"
_MOST_SAID = 500


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt, since when it was due, and what came of it."""

    delivery: Delivery
    number: int
    due: datetime
    handed: Handed
    at: datetime


async def due(conn: AsyncConnection, sink: str, now: datetime, limit: int) -> Sequence[Any]:
    """The rows whose time has come, the longest due first."""
    return (
        await conn.execute(
            select(deliveries)
            .where(_due(sink), deliveries.c.due_at <= to_micros(now))
            .order_by(deliveries.c.due_at, deliveries.c.id)
            .limit(limit)
        )
    ).all()


async def next_due(conn: AsyncConnection, sink: str) -> datetime | None:
    """When the next one is."""
    found = await conn.scalar(select(func.min(deliveries.c.due_at)).where(_due(sink)))
    return None if found is None else from_micros(found)


def _due(sink: str) -> Any:
    return (deliveries.c.sink == sink) & deliveries.c.due_at.is_not(None)


def delivery(row: Any, key: str, fields: Mapping[str, Any] | None, now: datetime) -> Delivery:
    """A row, as its sink is handed it."""
    return Delivery(
        key=key,
        attempt=row.attempts + 1,
        at=now,
        type=row.type,
        lead_id=row.lead_id,
        occurred_at=from_micros(row.occurred_at),
        received_at=from_micros(row.received_at),
        subject=row.subject,
        address=row.address,
        context=row.context,
        properties=json.loads(row.properties) if row.properties else {},
        amount=amount_of(row.amount, row.currency),
        fields=fields,
    )


async def settle(conn: AsyncConnection, sink: str, done: Sequence[Attempted]) -> None:
    """Note what came of each; a sink that is gone is stopped, and all that waits for it."""
    await conn.execute(_SETTLE, [_values(sink, one) for one in done])
    for one in done:
        if isinstance(one.handed, SinkGone):
            await stop(conn, sink, one.handed.reason, to_micros(one.at))


def _values(sink: str, one: Attempted) -> dict[str, object]:
    match one.handed:
        case Sent():
            state, delay, reason = DELIVERED, None, None
        case Retry(reason=reason, after=asked):
            delay = schedule.after(one.delivery.key, one.delivery.attempt, asked)
            late = one.at - one.due > schedule.PATIENCE
            delay = None if late else delay
            state = FAILED if delay is None else PENDING
        case Refused(reason=reason) | SinkGone(reason=reason):
            state, delay = FAILED, None
    return {
        "v_sink": sink,
        "v_id": one.number,
        "v_state": state,
        "v_attempts": one.delivery.attempt,
        "v_due": None if delay is None else to_micros(one.at + delay),
        "v_settled": to_micros(one.at) if delay is None else None,
        "v_reason": None if reason is None else reason[:_MOST_SAID],
    }


async def stop(conn: AsyncConnection, sink: str, reason: str, now: Micros) -> None:
    """Nothing more for that sink until the operator says; what waits for it is kept, cancelled."""
    if not await stopped(conn, sink):
        await conn.execute(insert(stopped_sinks).values(sink=sink, reason=reason, at=now))
    waiting = update(deliveries).where(_due(sink))
    await conn.execute(waiting.values(state=CANCELLED, due_at=None, settled_at=now, reason=reason))


async def find(conn: AsyncConnection, name: str) -> str | None:
    """The sink that something was noted for, by its name or by the last part of it."""
    names = await known(conn)
    whole = [one for one in names if one == name]
    last = [one for one in names if fold(one.rpartition(".")[2]) == fold(name)]
    return next(iter((*whole, *last)), None)


async def known(conn: AsyncConnection) -> Sequence[str]:
    """Every sink that something was noted for, or that was stopped."""
    # From name to name through the key: receivers are few, what was noted for each is not.
    names = select(func.min(deliveries.c.sink).label("sink")).cte("names", recursive=True)
    following = select(func.min(deliveries.c.sink)).where(deliveries.c.sink > names.c.sink)
    names = names.union_all(select(following.scalar_subquery()).where(names.c.sink.is_not(None)))
    noted = select(names.c.sink).where(names.c.sink.is_not(None))
    return sorted((await conn.execute(union(noted, select(stopped_sinks.c.sink)))).scalars())


async def stopped(conn: AsyncConnection, sink: str) -> bool:
    """Whether it wanted no more, and nobody said otherwise since."""
    since = select(stopped_sinks.c.at).where(stopped_sinks.c.sink == sink)
    return await conn.scalar(since) is not None


async def resume(conn: AsyncConnection, sink: str) -> bool:
    """Let a sink be handed events again; whether it was stopped."""
    gone = await conn.execute(delete(stopped_sinks).where(stopped_sinks.c.sink == sink))
    return bool(gone.rowcount)


async def replay(
    conn: AsyncConnection, sink: str, now: Micros, *, number: int | None, since: Micros | None
) -> int:
    """Hand over anew the one of that number, whatever became of it, or all that was not, since then."""
    which = deliveries.c.sink == sink
    if number is not None:
        which &= deliveries.c.id == number
    else:
        which &= deliveries.c.state.in_([FAILED, CANCELLED])
        which &= deliveries.c.received_at >= (since or 0)
    again = update(deliveries).where(which)
    found = await conn.execute(
        again.values(state=PENDING, due_at=now, settled_at=None, attempts=0, reason=None)
    )
    return int(found.rowcount)


async def forget(conn: AsyncConnection, before: Micros, at_once: int) -> int:
    """Forget some of those settled before that, or due since then at a sink no more; how many."""
    settled = deliveries.c.settled_at.is_not(None) & (deliveries.c.settled_at < before)
    waiting = [_due(sink) & (deliveries.c.due_at < before) for sink in await known(conn)]
    key = tuple_(deliveries.c.sink, deliveries.c.id)
    gone = 0
    for old in (settled, *waiting):
        these = select(deliveries.c.sink, deliveries.c.id).where(old).limit(at_once - gone)
        gone += (await conn.execute(delete(deliveries).where(key.in_(these)))).rowcount
    return gone


_SETTLE = (
    update(deliveries)
    .where(deliveries.c.sink == bindparam("v_sink"), deliveries.c.id == bindparam("v_id"))
    .values(
        state=bindparam("v_state"),
        attempts=bindparam("v_attempts"),
        due_at=bindparam("v_due"),
        settled_at=bindparam("v_settled"),
        reason=bindparam("v_reason"),
    )
)
