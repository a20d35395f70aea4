"""Whose the database is: a number that each server raises when it takes it, and the ids it may give.

Every writing transaction begins by making sure that the number is still its own, and keeps it so
until it ends. A server that lost its hold without knowing, since its session was cut or the
database came back without it, can thus commit nothing once another one has begun.

Ids are given out of what this row reserves, some seconds ahead of the clock: whoever comes next
begins above, without having to look at what was written.

Each process of a database has a row, and ids, of its own (`server.store.ids`): whoever takes the
place of another ends that one alone.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import StoreUnavailable
from server.store.ids import EventIds
from server.store.schema.events import events, inbox
from server.store.schema.server import tenure


class Superseded(StoreUnavailable):
    """Another server has taken the database since: this one must write nothing more."""


#: What marks something as of one tenure: its epoch shifted, and the number of the process.
_NUMBERS = 64

_HOLDS = {
    "sqlite": "SELECT 1 FROM tenure WHERE number = ? AND epoch = ?",
    # Whoever takes the database waits for the transactions under way to end; who reserves ids
    # changes no key, and holds up nobody.
    "postgresql": "SELECT 1 FROM tenure WHERE number = $1 AND epoch = $2 FOR KEY SHARE",
}
#: The same, asked without holding it: PostgreSQL writes that a row is held.
_SEEN = {
    "sqlite": "SELECT 'off' FROM tenure WHERE number = ? AND epoch = ?",
    "postgresql": (
        "SELECT current_setting('transaction_read_only') FROM tenure "
        "WHERE number = $1 AND epoch = $2"
    ),
}
_RESERVES = {
    "sqlite": "UPDATE tenure SET reserved_to = ? WHERE number = ? AND epoch = ? RETURNING 1",
    "postgresql": (
        "UPDATE tenure SET reserved_to = $1 WHERE number = $2 AND epoch = $3 RETURNING 1"
    ),
}


@dataclass(frozen=True, slots=True)
class Tenure:
    """The hold of the server that took that place for the `epoch`-th time; 1: the first's."""

    number: int
    epoch: int
    ids: EventIds

    @property
    def mark(self) -> int:
        """What marks something as this process's, until another takes its place."""
        return self.epoch * _NUMBERS + self.number - 1

    async def check(self, conn: AsyncConnection) -> int:
        """Make sure, for as long as this transaction lasts, that the database is ours.

        What is told is up to where ids are reserved once it is committed. Raises `Superseded`.
        """
        wanted = self.ids.wanted()
        if wanted is None:
            here = (self.number, self.epoch)
            query = conn.exec_driver_sql(_HOLDS[conn.dialect.name], here)
        else:
            there = (wanted, self.number, self.epoch)
            query = conn.exec_driver_sql(_RESERVES[conn.dialect.name], there)
        found = (await query).all()
        if not found:
            raise _superseded()
        if wanted is not None:
            self.ids.lend(wanted)
        return wanted or 0

    async def see(self, conn: AsyncConnection) -> None:
        """Make sure that it is ours now, and may be written, writing nothing.

        Raises `Superseded`, or `StoreUnavailable` of a base that can only be read: a replica.
        """
        here = (self.number, self.epoch)
        found = (await conn.exec_driver_sql(_SEEN[conn.dialect.name], here)).all()
        if not found:
            raise _superseded()
        if found[0][0] != "off":
            raise StoreUnavailable("readonly database")

    async def leave(self, conn: AsyncConnection) -> None:
        """Give back the ids reserved and not given: the next ones follow the clock at once."""
        values = (self.ids.last, self.number, self.epoch)
        await conn.exec_driver_sql(_RESERVES[conn.dialect.name], values)


def _superseded() -> Superseded:
    return Superseded("another server has taken this database")


def process_of(mark: int) -> int:
    """Of which process such a mark is, or was."""
    return mark % _NUMBERS


def is_over(mark: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the tenure of that mark is: its process can write nothing more."""
    number, epoch = mark % _NUMBERS + 1, mark // _NUMBERS
    return ~exists().where(tenure.c.number == number, tenure.c.epoch == epoch)


async def take(conn: AsyncConnection, ids: EventIds, process: int = 0) -> Tenure:
    """Take the place of that process, from whoever had it; once committed, that one writes no more."""
    number = process + 1
    mine = tenure.c.number == number
    # Whoever had it ends what it is writing first; nothing of its own on SQLite.
    await conn.execute(select(tenure.c.number).where(mine).with_for_update())
    raised = update(tenure).where(mine).values(epoch=tenure.c.epoch + 1)
    found = (await conn.execute(raised.returning(tenure.c.epoch, tenure.c.reserved_to))).all()
    if found:
        ((epoch, last),) = found
    else:
        # Nobody gave ids of a helper's before it; those of the first may be from before all this.
        first = select(func.max(events.c.id))
        epoch, last = 1, 0 if process else await conn.scalar(first) or 0
        await conn.execute(insert(tenure).values(number=number, epoch=epoch, reserved_to=last))
    ids.follow(last)
    if not process:
        await _renumber(conn, ids)
    return Tenure(number, epoch, ids)


async def _renumber(conn: AsyncConnection, ids: EventIds) -> None:
    """Give ids of their own to events of the inbox that share one: two servers once ran together.

    What a lead did after keeps its place after. Nothing refers yet to an event not handled.
    """
    shared = (
        select(inbox.c.id, func.min(inbox.c.lead_id).label("first"))
        .group_by(inbox.c.id)
        .having(func.count() > 1)
    ).subquery()
    others = (
        select(inbox.c.lead_id, func.min(inbox.c.id).label("since"))
        .join(shared, shared.c.id == inbox.c.id)
        .where(inbox.c.lead_id > shared.c.first)
        .group_by(inbox.c.lead_id)
    ).subquery()
    moved = (
        select(inbox.c.lead_id, inbox.c.type, inbox.c.id)
        .join(others, others.c.lead_id == inbox.c.lead_id)
        .where(inbox.c.id >= others.c.since)
        .order_by(inbox.c.id, inbox.c.lead_id)
    )
    rows = (await conn.execute(moved)).mappings().all()
    if not rows:
        return
    first = ids.reserve(len(rows))
    given = [{**row, "new": first + n} for n, row in enumerate(rows)]
    for table in ("events", "inbox"):
        statement = (
            f"UPDATE {table} SET id = :new WHERE lead_id = :lead_id AND type = :type AND id = :id"  # noqa: S608
        )
        await conn.execute(text(statement), given)
