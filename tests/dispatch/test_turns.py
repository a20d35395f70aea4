"""Whose message leaves first while a crowd waits, and what a turn takes with it."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Limits, Message
from relance.testing import FakeChannel, Slow, VirtualClock
from server.dispatch.allowance import Allowance
from server.dispatch.claims import Claims
from server.dispatch.lane import Lane
from server.dispatch.terms import Terms
from server.store.store import Store
from tests.dispatch.outbox import Noticed, Outbox


async def test_what_came_last_has_a_share_while_a_crowd_waits(
    outbox: Outbox, clock: VirtualClock
) -> None:
    """Each lead's in their order: what waits longer for the same person leaves first."""
    for number in range(3, 60):
        await outbox.lead(number, f"lead{number}@exemple.ca")
        await outbox.put(number, "Promotion")
    await outbox.put(1, "Promotion")
    clock.advance(seconds=1)
    await outbox.put(1, "Tarifs")
    await outbox.put(2, "Tarifs")
    claims = outbox.claims()
    async with outbox.store.write() as conn:
        taken = await claims.claim(conn, clock.now(), 8)
    found = [(one.key[0], one.message.template) for one in taken]
    assert (2, "Tarifs") in found
    assert (1, "Tarifs") not in found
    assert len({one.key for one in taken}) == len(found) >= 7


def lane_of(outbox: Outbox, intake: Noticed, answer: Callable[[Message], Any]) -> Lane:
    channel = FakeChannel(otherwise=answer, limits=Limits(concurrency=8))
    terms = Terms(Allowance(proven=0))
    return Lane(outbox.store, outbox.clock, channel, intake.tell, lambda: None, terms)


async def ended(outbox: Outbox, lane: Lane, left: int) -> None:
    """Run the lane until no more than that are left to send."""
    task = asyncio.create_task(lane.run())
    async with asyncio.timeout(20):
        while sum(one != "sent" for one in await outbox.states()) > left:
            await asyncio.sleep(0.02)
    lane.stop()
    await lane.abandon()
    await task


async def test_what_is_about_to_come_back_is_settled_with_what_came_and_a_full_turn_asks_no_more(
    outbox: Outbox, intake: Noticed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(40):
        await outbox.put(1)
    turns, asked = 0, 0
    next_due = Claims.next_due

    async def slowly(store: Store, work: Callable[[AsyncConnection], Awaitable[Any]]) -> Any:
        nonlocal turns
        turns += 1
        await asyncio.sleep(0.03)
        return await transact(store, work)

    async def counted(claims: Claims, conn: AsyncConnection) -> Any:
        nonlocal asked
        asked += 1
        return await next_due(claims, conn)

    transact = Store.transact
    monkeypatch.setattr(Store, "transact", slowly)
    monkeypatch.setattr(Claims, "next_due", counted)
    numbers = count()
    await ended(outbox, lane_of(outbox, intake, lambda _: Slow(next(numbers) % 8 / 1000)), 0)
    assert turns <= 8, "five that take, each settling the one before, and one that settles"
    assert asked <= 3


async def test_a_call_that_lasts_keeps_no_other_from_leaving(
    outbox: Outbox, intake: Noticed
) -> None:
    for _ in range(20):
        await outbox.put(1)
    numbers = count()
    await ended(outbox, lane_of(outbox, intake, lambda _: Slow(0 if next(numbers) else 60)), 1)
