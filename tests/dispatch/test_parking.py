"""Messages of campaigns that do not run: set apart, neither sent nor settled, until they are given back."""

from typing import Any

import pytest
from sqlalchemy import insert, update

from relance.channel import Retry
from relance.testing import VirtualClock
from server.dispatch.dispatch import Dispatch
from server.store.instants import to_micros
from server.store.schema.campaigns import campaigns
from tests.dispatch.outbox import Noticed, Outbox
from tests.dispatch.test_gathering import MARC, alerts, put


async def taken(outbox: Outbox, clock: VirtualClock) -> list[str]:
    async with outbox.store.write() as conn:
        claims = await outbox.claims().claim(conn, clock.now(), 10)
    return [one.message.template for one in claims]


async def set_campaign(outbox: Outbox, **values: Any) -> None:
    async with outbox.store.write() as conn:
        await conn.execute(update(campaigns).values(**values))


async def test_a_message_of_a_paused_campaign_is_set_apart_once(
    outbox: Outbox, clock: VirtualClock
) -> None:
    await outbox.put(1)
    await set_campaign(outbox, runs=False, state="paused")
    assert await taken(outbox, clock) == []
    row = await outbox.row()
    assert (row["state"], row["due_at"], row["attempts"]) == ("pending", None, 0)
    assert row["overdue_at"] == to_micros(clock.now())
    async with outbox.store.read() as conn:
        assert await outbox.claims().next_due(conn) is None


async def test_what_is_in_doubt_is_still_asked_after(outbox: Outbox, clock: VirtualClock) -> None:
    await outbox.put(1, state="doubtful")
    await set_campaign(outbox, runs=False, state="paused")
    assert await taken(outbox, clock) == ["Tarifs"]


async def test_a_message_of_an_archived_campaign_never_leaves(
    outbox: Outbox, clock: VirtualClock
) -> None:
    await outbox.put(1)
    await set_campaign(outbox, runs=False, state="archived")
    assert await taken(outbox, clock) == []
    row = await outbox.row()
    assert (row["state"], row["reason"]) == ("cancelled", "campagne archivée")


@pytest.mark.parametrize(("state", "first"), [("archived", "cancelled"), ("paused", "pending")])
async def test_a_message_that_stands_for_those_of_another_campaign_keeps_none_of_them_back(
    outbox: Outbox, intake: Noticed, state: str, first: str
) -> None:
    async with outbox.store.write() as conn:
        await conn.execute(insert(campaigns).values(id=2, key="b", name="B", present=True))
    channel = alerts(outcomes=[Retry("plus tard")])
    dispatch = Dispatch(outbox.store, outbox.clock, [channel], intake)
    await put(outbox, 1)
    await outbox.put(2, "Chaud", "alert", recipient=MARC, campaign_id=2)
    await dispatch.drain()
    assert await outbox.states() == ["pending", "gathered"]
    async with outbox.store.write() as conn:
        stopped = update(campaigns).where(campaigns.c.id == 1)
        await conn.execute(stopped.values(runs=False, state=state))
    for _ in range(2):
        outbox.clock.advance(hours=1)
        await dispatch.drain()
    assert await outbox.states() == [first, "sent"]
    assert [one.count for one in channel.attempts] == [2, 1]


@pytest.mark.parametrize(("state", "other"), [("paused", "pending"), ("archived", "cancelled")])
async def test_a_message_of_a_stopped_campaign_leaves_with_no_other_that_stood_for_it(
    outbox: Outbox, intake: Noticed, state: str, other: str
) -> None:
    async with outbox.store.write() as conn:
        await conn.execute(insert(campaigns).values(id=2, key="b", name="B", present=True))
    channel = alerts(outcomes=[Retry("plus tard")])
    dispatch = Dispatch(outbox.store, outbox.clock, [channel], intake)
    await put(outbox, 1)
    await outbox.put(2, "Chaud", "alert", recipient=MARC, campaign_id=2)
    await dispatch.drain()
    async with outbox.store.write() as conn:
        stopped = update(campaigns).where(campaigns.c.id == 2)
        await conn.execute(stopped.values(runs=False, state=state))
    for _ in range(2):
        outbox.clock.advance(hours=1)
        await dispatch.drain()
    assert await outbox.states() == ["sent", other]
    assert [one.count for one in channel.attempts] == [2, 1]
