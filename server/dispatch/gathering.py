"""Messages of one kind to one recipient, gathered: thirty forms are no thirty alerts to one seller.

The first leaves at once. What is decided while its window lasts waits for its end; then one leaves
for all. They are tied to it, by its key, in the transaction that takes it for the first time: every
attempt of it says the same ones, and what becomes of it is what becomes of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.dispatch.claim import KEY, SAME, Claim, Key, binds
from server.store.instants import Micros, to_micros
from server.store.schema.campaigns import campaigns
from server.store.schema.messages import outbox

#: The state of a message another one stands for, until that one is settled.
GATHERED = "gathered"
#: Messages one may stand for beside itself; the rest go with the next.
MOST = 999

#: Of what is gathered together: the recipient, and the message.
Kind: TypeAlias = tuple[str, str]


class Gathering:
    """Of one channel, whose window is how long messages of a kind wait for one another."""

    def __init__(self, channel: str, window: timedelta) -> None:
        self._channel = channel
        self._window = window

    async def leaving(
        self, conn: AsyncConnection, claims: Sequence[Claim], now: datetime
    ) -> Sequence[Claim]:
        """Those that leave now, for themselves and for what is tied to them."""
        first: dict[Kind, Claim] = {}
        leaving: list[Claim] = []
        for claim in claims:
            if claim.ask or claim.message.recipient is None or claim.message.attempt > 1:
                leaving.append(claim)
            else:
                first.setdefault((claim.message.recipient, claim.message.template), claim)
        for kind, claim in first.items():
            until, leader = await self._until(conn, kind, now), None
            if until is None:
                await self._tie(conn, kind, claim)
                leaving.append(claim)
                leader = claim.key
                until = to_micros(now + self._window)
            await self._put_off(conn, kind, leader, until)
        return leaving

    def _alike(self, kind: Kind) -> Sequence[ColumnElement[bool]]:
        recipient, message = kind
        named = (outbox.c.recipient == recipient, outbox.c.message == message)
        return outbox.c.channel == self._channel, outbox.c.recipient.is_not(None), *named

    def _waiting(self, kind: Kind, leader: Key | None) -> Sequence[ColumnElement[bool]]:
        """Those that nothing was tried for yet, but the one that leads."""
        others = () if leader is None else (~_is(leader),)
        fresh = (outbox.c.settled_at.is_(None), outbox.c.attempts == 0)
        runs = select(campaigns.c.id).where(
            campaigns.c.id == outbox.c.campaign_id, campaigns.c.runs
        )
        goes = (outbox.c.overdue_at.is_(None), runs.exists())
        return *self._alike(kind), *fresh, *goes, outbox.c.state == "pending", *others

    async def _until(self, conn: AsyncConnection, kind: Kind, now: datetime) -> Micros | None:
        """When one of the kind may leave; None: at once."""
        under_way = (outbox.c.settled_at.is_(None), outbox.c.attempts > 0)
        trying = select(outbox.c.lead_id).where(
            *self._alike(kind), *under_way, outbox.c.due_at.is_not(None)
        )
        if (await conn.execute(trying.limit(1))).first() is not None:
            return to_micros(now + self._window)
        since = to_micros(now - self._window)
        sent = (outbox.c.settled_at > since, outbox.c.state == "sent")
        last = await conn.scalar(
            select(func.max(outbox.c.settled_at)).where(*self._alike(kind), *sent)
        )
        return None if last is None else last + (to_micros(now) - since)

    async def _tie(self, conn: AsyncConnection, kind: Kind, leader: Claim) -> None:
        others = (
            select(*KEY)
            .where(*self._waiting(kind, leader.key))
            .order_by(outbox.c.created_at, *KEY)
            .limit(MOST)
        )
        found = [tuple(row) for row in await conn.execute(others)]
        if found:
            tied = update(outbox).where(SAME).values(gathering=leader.message.key)
            await conn.execute(tied, [binds(leader.key)])
            tied = tied.values(state=GATHERED, due_at=None)
            await conn.execute(tied, [binds(key) for key in found])

    async def _put_off(
        self, conn: AsyncConnection, kind: Kind, leader: Key | None, until: Micros
    ) -> None:
        waiting = (*self._waiting(kind, leader), outbox.c.due_at < until)
        await conn.execute(update(outbox).where(*waiting).values(due_at=until))


def _is(key: Key) -> ColumnElement[bool]:
    return and_(*(column == part for column, part in zip(KEY, key, strict=True)))


def tied_to(keys: Sequence[str]) -> Sequence[ColumnElement[bool]]:
    """The rows that messages of those keys stand for, and that are not settled."""
    return outbox.c.gathering.in_(keys), outbox.c.state == GATHERED


async def counts(conn: AsyncConnection, keys: Sequence[str]) -> Mapping[str, int]:
    """How many others each stands for."""
    if not keys:
        return {}
    query = (
        select(outbox.c.gathering, func.count()).where(*tied_to(keys)).group_by(outbox.c.gathering)
    )
    return {row[0]: row[1] for row in await conn.execute(query)}


async def let_go_stopped(conn: AsyncConnection, keys: Sequence[str]) -> None:
    """Have messages of those keys no longer stand for those of campaigns that do not run any more.

    They are due by themselves: the lane that meets them sets them apart.
    """
    still = select(campaigns.c.id).where(campaigns.c.id == outbox.c.campaign_id, ~campaigns.c.runs)
    stopped = update(outbox).where(*tied_to(keys), still.exists())
    due = {"state": "pending", "due_at": outbox.c.created_at, "gathering": None}
    await conn.execute(stopped.values(due))


async def let_go(conn: AsyncConnection, keys: Sequence[str], now: Micros) -> None:
    """Have messages of those keys stand for nothing: what they stood for leaves by itself."""
    tied = update(outbox).where(*tied_to(keys))
    await conn.execute(tied.values(state="pending", due_at=now, gathering=None))
    await conn.execute(update(outbox).where(outbox.c.gathering.in_(keys)).values(gathering=None))


async def release(conn: AsyncConnection, channels: Sequence[str], now: Micros) -> None:
    """Let what waits for another message of these channels leave by itself."""
    tied = (outbox.c.gathering.is_not(None), outbox.c.state == GATHERED)
    leaves = update(outbox).where(outbox.c.channel.in_(channels), *tied)
    await conn.execute(leaves.values(state="pending", due_at=now, gathering=None))


async def settle(
    conn: AsyncConnection, changes: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Sequence[int]]:
    """Let what became of messages, by key, become of those they stand for: their leads, by key."""
    query = select(outbox.c.gathering, outbox.c.lead_id).where(*tied_to(list(changes)))
    leads: dict[str, list[int]] = {}
    for key, lead in await conn.execute(query.order_by(outbox.c.created_at, *KEY)):
        leads.setdefault(key, []).append(lead)
    for key in leads:
        await conn.execute(update(outbox).where(*tied_to([key])).values(**changes[key]))
    return leads
