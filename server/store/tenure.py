"""Whose the database is: a number that each server raises when it takes it, and the ids it may give.

Every writing transaction begins by making sure that the number is still its own, and keeps it so
until it ends. A server that lost its hold without knowing, since its session was cut or the
database came back without it, can thus commit nothing once another one has begun.

Ids are given out of what this row reserves, some seconds ahead of the clock: whoever comes next
begins above, without having to look at what was written.
"""

from dataclasses import dataclass

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import StoreUnavailable
from server.store.ids import EventIds
from server.store.schema.events import events
from server.store.schema.server import tenure


class Superseded(StoreUnavailable):
    """Another server has taken the database since: this one must write nothing more."""


_HOLDS = {
    "sqlite": "SELECT 1 FROM tenure WHERE epoch = ?",
    # Whoever takes the database waits for the transactions under way to end; who reserves ids
    # changes no key, and holds up nobody.
    "postgresql": "SELECT 1 FROM tenure WHERE epoch = $1 FOR KEY SHARE",
}
_RESERVES = {
    "sqlite": "UPDATE tenure SET reserved_to = ? WHERE epoch = ? RETURNING 1",
    "postgresql": "UPDATE tenure SET reserved_to = $1 WHERE epoch = $2 RETURNING 1",
}


@dataclass(frozen=True, slots=True)
class Tenure:
    """The hold of the server that took the database for the `epoch`-th time."""

    epoch: int
    ids: EventIds

    async def check(self, conn: AsyncConnection) -> int:
        """Make sure, for as long as this transaction lasts, that the database is ours.

        What is told is up to where ids are reserved once it is committed. Raises `Superseded`.
        """
        wanted = self.ids.wanted()
        if wanted is None:
            query = conn.exec_driver_sql(_HOLDS[conn.dialect.name], (self.epoch,))
        else:
            query = conn.exec_driver_sql(_RESERVES[conn.dialect.name], (wanted, self.epoch))
        found = (await query).all()
        if not found:
            raise Superseded("another server has taken this database")
        if wanted is not None:
            self.ids.lend(wanted)
        return wanted or 0

    async def leave(self, conn: AsyncConnection) -> None:
        """Give back the ids reserved and not given: the next ones follow the clock at once."""
        values = (self.ids.last, self.epoch)
        await conn.exec_driver_sql(_RESERVES[conn.dialect.name], values)


async def take(conn: AsyncConnection, ids: EventIds) -> Tenure:
    """Take the database, from whoever had it; once this is committed, others write no more."""
    await conn.execute(select(tenure.c.number).with_for_update())  # nothing of its own on SQLite
    raised = text("UPDATE tenure SET epoch = epoch + 1 RETURNING epoch, reserved_to")
    found = (await conn.execute(raised)).all()
    if found:
        ((epoch, last),) = found
    else:
        epoch, last = 1, await conn.scalar(select(func.max(events.c.id))) or 0
        await conn.execute(insert(tenure).values(number=1, epoch=epoch, reserved_to=last))
    ids.follow(last)
    await _renumber(conn, ids)
    return Tenure(epoch, ids)


async def _renumber(conn: AsyncConnection, ids: EventIds) -> None:
    """Give ids of their own to pending events that share one: two servers once ran together.

    What a lead did after keeps its place after. Nothing refers yet to an event not handled.
    """
    pending = text("events.pending")
    shared = (
        select(events.c.id, func.min(events.c.lead_id).label("first"))
        .where(pending)
        .group_by(events.c.id)
        .having(func.count() > 1)
    ).subquery()
    others = (
        select(events.c.lead_id, func.min(events.c.id).label("since"))
        .join(shared, shared.c.id == events.c.id)
        .where(pending)
        .where(events.c.lead_id > shared.c.first)
        .group_by(events.c.lead_id)
    ).subquery()
    moved = (
        select(events.c.lead_id, events.c.type, events.c.id)
        .join(others, others.c.lead_id == events.c.lead_id)
        .where(pending, events.c.id >= others.c.since)
        .order_by(events.c.id, events.c.lead_id)
    )
    rows = (await conn.execute(moved)).mappings().all()
    if not rows:
        return
    first = ids.reserve(len(rows))
    statement = text(
        "UPDATE events SET id = :new WHERE lead_id = :lead_id AND type = :type AND id = :id"
    )
    given = [{**row, "new": first + n} for n, row in enumerate(rows)]
    await conn.execute(statement, given)
