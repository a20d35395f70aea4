"""An outcome is stored once, by whoever still holds the message, about whoever the lead now is."""

from datetime import timedelta

from sqlalchemy import update

from relance.channel import Message, Outcome, Refused, Sent
from relance.events import NewEvent
from server.dispatch.claim import Settled
from server.dispatch.claims import Claims
from server.store.schema.leads import leads
from server.store.schema.messages import outbox as outbox_rows
from tests.dispatch.outbox import Outbox


def _told(message: Message) -> Outcome:
    return Sent(events=(NewEvent("email_sent", message.template),))


async def _settle(outbox: Outbox, claims: Claims, *settled: Settled) -> bool:
    async with outbox.store.write() as conn:
        return await claims.settle(conn, settled)


async def _claimed(outbox: Outbox, claims: Claims) -> Settled:
    async with outbox.store.write() as conn:
        (claim,) = await claims.claim(conn, outbox.clock.now(), 1)
    return Settled(claim, _told(claim.message), outbox.clock.now())


async def test_an_outcome_that_comes_twice_is_told_once(outbox: Outbox) -> None:
    claims = outbox.claims()
    await outbox.put(1)
    done = await _claimed(outbox, claims)
    assert await _settle(outbox, claims, done)
    late = Settled(done.claim, Refused("trop tard"), done.at)
    assert not await _settle(outbox, claims, done, late)
    assert await outbox.events() == [(1, "email_sent", "Tarifs")]
    assert await outbox.states() == ["sent"]


async def test_an_outcome_of_an_earlier_attempt_says_nothing_of_the_present_one(
    outbox: Outbox,
) -> None:
    claims = outbox.claims()
    await outbox.put(1)
    first = await _claimed(outbox, claims)
    async with outbox.store.write() as conn:
        await conn.execute(update(outbox_rows).values(state="pending", due_at=0))
    outbox.clock.advance(timedelta(hours=1))
    second = await _claimed(outbox, claims)
    assert not await _settle(outbox, claims, first)
    assert await outbox.states() == ["sending"]
    assert await _settle(outbox, claims, second)
    assert len(await outbox.events()) == 1


async def test_what_happened_to_a_lead_merged_while_it_was_written_to_is_told_of_the_other(
    outbox: Outbox,
) -> None:
    claims = outbox.claims()
    await outbox.put(1)
    done = await _claimed(outbox, claims)
    await outbox.lead(3)
    async with outbox.store.write() as conn:
        await conn.execute(update(leads).where(leads.c.id == 1).values(merged_into=2))
        await conn.execute(update(leads).where(leads.c.id == 2).values(merged_into=3))
    await _settle(outbox, claims, done)
    assert await outbox.events() == [(3, "email_sent", "Tarifs")]
