"""What a channel is told of whom its message goes to, and what it may teach of the lead."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Message, Outcome, Retry, Sent
from relance.host import Identities, Incoming
from relance.person import Person
from relance.proof import Proof
from relance.testing import FakeChannel, VirtualClock
from server.dispatch.claim import Settled
from server.dispatch.dispatch import Dispatch
from server.engine.effects import team as teams
from server.intake.intake import Intake
from server.store import merges
from server.store.instants import now_micros
from server.store.leads import serialize_intake
from server.store.schema.campaigns import enrolments
from server.store.schema.messages import suppressions
from server.store.store import Store
from tests.dispatch.outbox import Outbox

ALINE = "aline@exemple.ca"


@pytest.fixture
async def outbox(store: Store, clock: VirtualClock) -> Outbox:
    filled = Outbox(store, clock)
    await filled.campaign()
    await filled.lead(1, ALINE, f_prenom="Aline", score=42)
    async with store.write() as conn:
        await teams.publish(conn, [Person("Zoé Roy", "zoe@exemple.ca", "514")], 0)
    return filled


def channel_to_the_team(**given) -> FakeChannel:
    return FakeChannel("alert", address_field=None, **given)


async def sent(outbox: Outbox, channel: FakeChannel) -> list[Message]:
    intake = Intake(outbox.store, outbox.clock)
    await Dispatch(outbox.store, outbox.clock, [channel], intake).drain()
    return channel.attempts


async def test_a_channel_without_an_address_field_is_handed_the_person(outbox: Outbox) -> None:
    await outbox.put(1, "Chaud", "alert", recipient="zoe roy")
    (message,) = await sent(outbox, channel_to_the_team())
    assert message.recipient == "zoe roy"
    assert message.person == Person("Zoé Roy", "zoe@exemple.ca", "514")
    assert message.score == 42
    assert message.fields["prénom"] == "Aline"


async def test_an_address_or_who_left_is_no_person(outbox: Outbox) -> None:
    await outbox.put(1, "A", "alert", recipient="ventes@exemple.ca")
    await outbox.put(1, "B", "alert", recipient="Marc")
    found = await sent(outbox, channel_to_the_team())
    assert {one.recipient: one.person for one in found} == {
        "ventes@exemple.ca": None,
        "Marc": None,
    }


async def test_neither_a_missing_address_nor_an_unsubscribed_one_holds_an_alert_back(
    outbox: Outbox,
) -> None:
    await outbox.lead(2)
    async with outbox.store.write() as conn:
        row = {"channel": "alert", "address_key": ALINE, "reason": "x", "at": 0}
        await conn.execute(insert(suppressions).values(**row))
    await outbox.put(1, "A", "alert", recipient="Zoé Roy")
    await outbox.put(2, "B", "alert", recipient="Zoé Roy")
    assert len(await sent(outbox, channel_to_the_team())) == 2


async def test_a_message_to_an_address_through_a_channel_of_leads_goes_to_it(
    outbox: Outbox,
) -> None:
    await outbox.put(1, "Tarifs", "email", recipient="autre@exemple.ca")
    (message,) = await sent(outbox, FakeChannel())
    assert message.address == "autre@exemple.ca"


async def test_the_step_reached_is_told(outbox: Outbox) -> None:
    await outbox.put(1, "Chaud", "alert", recipient="Zoé Roy")
    row = {
        "lead_id": 1,
        "campaign_id": 1,
        "entry": 1,
        "version_id": 1,
        "active": True,
        "statement": 3,
        "step": "Essai commencé",
        "moves": 1,
        "entered_at": 0,
        "since_at": 0,
        "since_event": 0,
    }
    async with outbox.store.write() as conn:
        await conn.execute(insert(enrolments).values(**row))
    (message,) = await sent(outbox, channel_to_the_team())
    assert message.step == "Essai commencé"


# --- What a provider teaches ----------------------------------------------------------------

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def teaching(as_of: datetime | None = None, **fields: str) -> FakeChannel:
    def answer(message: Message) -> Outcome:
        return Sent(fields=fields, as_of=as_of)

    return FakeChannel("crm", otherwise=answer)


async def city(outbox: Outbox, lead: int = 1) -> str | None:
    table = outbox.store.fields.table
    async with outbox.store.read() as conn:
        return await conn.scalar(select(table.c.f_ville).where(table.c.id == lead))


async def recorded(outbox: Outbox) -> list[tuple[int, str]]:
    return [(lead, type_) for lead, type_, _ in await outbox.events()]


async def test_a_field_it_teaches_is_written_and_told(outbox: Outbox) -> None:
    await outbox.put(1, "lead", "crm")
    await sent(outbox, teaching(ville="Laval"))
    assert await city(outbox) == "Laval"
    assert await recorded(outbox) == [(1, "lead_updated")]
    assert await outbox.states() == ["sent"]


async def test_what_was_known_already_is_told_to_nobody(outbox: Outbox) -> None:
    await outbox.put(1, "lead", "crm")
    await sent(outbox, teaching(prénom="Aline"))
    assert await recorded(outbox) == []


async def test_what_cannot_be_written_is_let_go_and_the_message_is_sent(outbox: Outbox) -> None:
    await outbox.put(1, "lead", "crm")
    await sent(outbox, teaching(ville="v" * 5_000, inconnu="x"))
    await outbox.put(1, "lead", "crm")
    await sent(outbox, teaching(inconnu="x"))
    assert await outbox.states() == ["sent", "sent"]
    assert await recorded(outbox) == []


async def test_an_outcome_that_is_none_teaches_nothing(outbox: Outbox) -> None:
    await outbox.put(1, "lead", "crm")
    await sent(outbox, FakeChannel("crm", otherwise=lambda _: Retry("non")))
    assert await recorded(outbox) == []


async def test_what_the_source_said_since_is_kept(outbox: Outbox) -> None:
    intake = Intake(outbox.store, outbox.clock)
    await intake.record(
        [
            Incoming(
                "crm", Identities(lead_id=1), {"ville": "Québec"}, as_of=NOON, proof=Proof.SIGNED
            )
        ]
    )
    await outbox.put(1, "lead", "crm")
    await sent(outbox, teaching(NOON - timedelta(hours=1), ville="Laval"))
    assert await city(outbox) == "Québec"
    await outbox.put(1, "lead", "crm")
    await sent(outbox, teaching(NOON + timedelta(hours=1), ville="Gaspé"))
    assert await city(outbox) == "Gaspé"


async def test_a_lead_merged_meanwhile_is_taught_as_the_one_it_has_become(outbox: Outbox) -> None:
    await outbox.lead(2, "autre@exemple.ca")
    await outbox.put(1, "lead", "crm")

    async def merged(message: Message) -> Outcome:
        async with outbox.store.write() as conn:
            table = outbox.store.fields.table
            await merges.merge(conn, table, [(1, 2)], now_micros(outbox.clock))
        return Sent(fields={"ville": "Laval"})

    channel = FakeChannel("crm")
    channel.send = merged  # type: ignore[method-assign]
    await sent(outbox, channel)
    assert await city(outbox, 2) == "Laval"
    assert (2, "lead_updated") in await recorded(outbox)


async def test_what_is_taught_takes_its_locks_in_the_order_a_merge_does(outbox: Outbox) -> None:
    """Else both wait for one another, on the store where two transactions go on at once."""
    store = outbox.store
    if store.dialect != "postgresql":
        pytest.skip("one writer at a time")
    await outbox.put(1, "lead", "crm")
    channel = FakeChannel("crm")
    async with store.write() as conn:
        (claim,) = await outbox.claims(channel).claim(conn, outbox.clock.now(), 1)
    taught = Settled(claim, Sent(fields={"ville": "Laval"}), outbox.clock.now())

    async def settle(conn: AsyncConnection) -> bool:
        return await outbox.settling(channel).settle(conn, [taught])

    async with store.write() as merging:
        await serialize_intake(merging)
        settling = asyncio.create_task(store.transact(settle))
        await asyncio.sleep(0.2)
        await merging.exec_driver_sql("SET LOCAL lock_timeout = '300ms'")
        await merging.exec_driver_sql("UPDATE outbox SET message = message WHERE lead_id = 1")
    assert await settling
    assert await city(outbox) == "Laval"
