"""Messages of campaigns that do not run: set apart, neither sent nor settled, until they are given back."""

from typing import Any

from sqlalchemy import update

from relance.testing import VirtualClock
from server.store.instants import to_micros
from server.store.schema.campaigns import campaigns
from tests.dispatch.outbox import Outbox


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
