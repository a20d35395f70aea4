"""Messages put off by the policy: what is kept of each time, and what a new policy makes of them."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import exists, null, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.dispatch.claim import KEY
from server.dispatch.stop import Stop
from server.store.instants import Micros, to_micros
from server.store.schema.messages import PUT_OFF, outbox

#: How many a turn of a lane gives back when the policy has changed.
PART = 5_000
#: Of the times one message was put off, those that are kept: the first, and the last ones.
_KEPT = 12


def noted(holds: str | None, stop: Stop, now: Micros) -> str | None:
    """What the row keeps of the times it was put off: [when, until, why], as JSON."""
    if stop.until is None:
        return holds
    known: list[Any] = json.loads(holds) if holds else []
    known.append([now, to_micros(stop.until), stop.reason])
    if len(known) > _KEPT:
        del known[1 : -_KEPT + 1]
    return json.dumps(known, ensure_ascii=False, separators=(",", ":"))


def last_reason(holds: str | None) -> str | None:
    """Why it was put off the last time; None if it never was."""
    return str(json.loads(holds)[-1][2]) if holds else None


def _of(channel: str, since: Micros) -> Any:
    return (outbox.c.channel == channel, text(PUT_OFF), outbox.c.held_at < since)


async def look_again(conn: AsyncConnection, leads: Collection[int], now: Micros) -> None:
    """Have what these leads wait for asked about: one that counted has not left after all."""
    theirs = update(outbox).where(outbox.c.lead_id.in_(sorted(leads)), text(PUT_OFF))
    await conn.execute(theirs.values(due_at=now))


async def stale(conn: AsyncConnection, channel: str, since: Micros) -> bool:
    """Whether some were put off by another policy than the one that holds since then."""
    return bool(await conn.scalar(select(exists().where(*_of(channel, since)))))


async def give_back(conn: AsyncConnection, channel: str, since: Micros) -> None:
    """Have those asked about again, what was decided first before the others."""
    these = select(*KEY).where(*_of(channel, since)).order_by(outbox.c.held_at).limit(PART)
    again = update(outbox).where(tuple_(*KEY).in_(these))
    await conn.execute(again.values(due_at=outbox.c.created_at, held_at=null()))
