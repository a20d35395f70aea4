"""Transactions that wait for each other in a circle: one gives way, and is done again."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.testing import VirtualClock
from server.orders.memberships import MembershipOrders
from server.store.store import Store, unavailable

_TAGGED = text(
    "INSERT INTO lead_tags (lead_id, tag_key, name, since) VALUES (1, 'vip', 'VIP', 0) "
    "ON CONFLICT DO NOTHING"
)
_ADD = text("UPDATE leads SET score = score + 1 WHERE id = :id")


async def test_two_that_cross_are_both_done(store: Store) -> None:
    async with store.write() as conn:
        await conn.execute(text("INSERT INTO leads (id, created_at) VALUES (1, 0), (2, 0)"))
    both = asyncio.Barrier(2)
    crossing = store.dialect == "postgresql"

    async def cross(first: int, second: int) -> None:
        nonlocal crossing

        async def work(conn: AsyncConnection) -> None:
            nonlocal crossing
            await conn.execute(_ADD, {"id": first})
            if crossing:
                await both.wait()
                crossing = False
            await conn.execute(_ADD, {"id": second})

        await store.transact(work)

    await asyncio.wait_for(asyncio.gather(cross(1, 2), cross(2, 1)), 20)
    async with store.read() as conn:
        assert (await conn.execute(text("SELECT score FROM leads ORDER BY id"))).all() == [
            (2,),
            (2,),
        ]


async def test_what_is_ordered_by_hand_is_done_again_where_it_crosses_the_engine(
    store: Store,
) -> None:
    async with store.write() as conn:
        await conn.execute(text("INSERT INTO leads (id, created_at) VALUES (1, 0)"))
    both = asyncio.Barrier(2)
    crossing = store.dialect == "postgresql"

    async def write_down(conn: AsyncConnection) -> None:
        nonlocal crossing
        if crossing:
            await conn.execute(text("SET LOCAL deadlock_timeout = '5ms'"))  # it gives way first
            await both.wait()
            crossing = False
        await conn.execute(_ADD, {"id": 1})

    async def engine(conn: AsyncConnection) -> None:
        await conn.execute(_ADD, {"id": 1})
        if crossing:
            await both.wait()
        await conn.execute(_TAGGED)

    tag = MembershipOrders(store, VirtualClock()).verbs()["etiqueter"]
    said, _ = await asyncio.wait_for(
        asyncio.gather(tag({"leads": "1", "etiquette": "VIP"}, write_down), store.transact(engine)),
        20,
    )
    async with store.read() as conn:
        assert await conn.scalar(text("SELECT count(*) FROM lead_tags")) == 1
        # Written down with what it did, if it did anything: the other may have been first.
        done = not said.startswith("Toutes")
        assert await conn.scalar(text("SELECT score FROM leads")) == 1 + done


async def test_a_deadlock_is_nobodys_fault_and_nonsense_is(store: Store) -> None:
    from sqlalchemy.exc import DBAPIError

    class Said(Exception):
        sqlstate = "40P01"

    assert unavailable(DBAPIError("UPDATE", {}, Said("deadlock detected")))
    Said.sqlstate = "42703"
    assert not unavailable(DBAPIError("UPDATE", {}, Said("no such column")))
