"""An outcome is stored once, by whoever still holds the message, about whoever the lead now is."""

from datetime import timedelta

from sqlalchemy import update

from relance.channel import Message, Outcome, Refused, Sent
from relance.events import NewEvent
from server.dispatch.claim import Settled
from server.store.schema.leads import leads
from server.store.schema.messages import outbox as outbox_rows
from tests.dispatch.outbox import Outbox


def _outcome_of(message: Message) -> Outcome:
    return Sent(events=(NewEvent("email_sent", message.template),))


async def _settle(outbox: Outbox, *settled: Settled) -> bool:
    async with outbox.store.write() as conn:
        return await outbox.settling().settle(conn, settled)


async def _claimed(outbox: Outbox) -> Settled:
    async with outbox.store.write() as conn:
        (claim,) = await outbox.claims().claim(conn, outbox.clock.now(), 1)
    return Settled(claim, _outcome_of(claim.message), outbox.clock.now())


async def test_an_outcome_that_comes_twice_is_told_once(outbox: Outbox) -> None:
    await outbox.put(1)
    done = await _claimed(outbox)
    assert await _settle(outbox, done)
    late = Settled(done.claim, Refused("trop tard"), done.at)
    assert not await _settle(outbox, done, late)
    assert await outbox.events() == [(1, "email_sent", "Tarifs")]
    assert await outbox.states() == ["sent"]


async def test_an_outcome_of_an_earlier_attempt_says_nothing_of_the_present_one(
    outbox: Outbox,
) -> None:
    await outbox.put(1)
    first = await _claimed(outbox)
    async with outbox.store.write() as conn:
        await conn.execute(update(outbox_rows).values(state="pending", due_at=0))
    outbox.clock.advance(timedelta(hours=1))
    second = await _claimed(outbox)
    assert not await _settle(outbox, first)
    assert await outbox.states() == ["sending"]
    assert await _settle(outbox, second)
    assert len(await outbox.events()) == 1


async def test_what_happened_to_a_lead_merged_while_it_was_written_to_is_told_of_the_other(
    outbox: Outbox,
) -> None:
    await outbox.put(1)
    done = await _claimed(outbox)
    await outbox.lead(3)
    async with outbox.store.write() as conn:
        await conn.execute(update(leads).where(leads.c.id == 1).values(merged_into=2))
        await conn.execute(update(leads).where(leads.c.id == 2).values(merged_into=3))
    await _settle(outbox, done)
    assert await outbox.events() == [(3, "email_sent", "Tarifs")]


async def test_what_concerns_a_lead_that_is_gone_keeps_the_others_from_nothing(
    outbox: Outbox,
) -> None:
    for lead in (1, 9, 2):
        await outbox.put(lead, recipient="marc@exemple.ca")
    async with outbox.store.write() as conn:
        claims = await outbox.claims().claim(conn, outbox.clock.now(), 3)
    done = [Settled(one, _outcome_of(one.message), outbox.clock.now()) for one in claims]
    await _settle(outbox, *done)
    assert await outbox.states() == ["sent"] * 3
    assert await outbox.events() == [(lead, "email_sent", "Tarifs") for lead in (1, 2)]
