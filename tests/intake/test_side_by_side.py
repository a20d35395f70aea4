"""Two processes that store at once what they receive: on PostgreSQL, where they may."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.events import NewEvent
from relance.host import Identities, Incoming, Receipt
from relance.proof import Proof
from server.intake.incoming import arrival
from server.intake.intake import Intake, anything
from server.intake.recording import Contended, record
from server.store.instants import now_micros
from server.store.leads import serialize_intake, share_intake
from tests.intake.conftest import Desk

PHONE = "+15142222222"


@pytest.fixture
def both(desk: Desk) -> tuple[Intake, Intake]:
    if desk.store.dialect != "postgresql":
        pytest.skip("one writer at a time")
    two = desk.intake, Intake(desk.store, desk.clock)
    for one in two:
        one.beside = lambda: True
    return two


def fact(who: str, said: str, key: str | None = None, phone: str | None = None) -> Incoming:
    events = (NewEvent("custom", said),)
    identities = Identities(email=who, phone=phone)
    return Incoming("form:essai", identities, {"ville": said}, events, key, proof=Proof.SIGNED)


async def brought(intake: Intake, facts: list[Incoming]) -> list[Receipt]:
    """Each by a caller of its own, some to a commit."""
    found = []
    for start in range(0, len(facts), 7):
        part = [intake.record([one]) for one in facts[start : start + 7]]
        found += [receipt for (receipt,) in await asyncio.gather(*part)]
    return found


async def test_two_processes_that_hear_of_the_same_people_make_one_lead_of_each(
    desk: Desk, both: tuple[Intake, Intake]
) -> None:
    first = [fact(f"p{n % 20}@exemple.ca", f"un {n}", f"k{n % 30}") for n in range(60)]
    second = [
        fact(f"p{19 - n % 20}@exemple.ca", f"deux {n}", f"k{100 + n % 30}") for n in range(60)
    ]
    shared = [fact(f"p{n % 20}@exemple.ca", f"un {n}", f"k{n % 30}") for n in range(30)]
    answers = await asyncio.gather(brought(both[0], first), brought(both[1], second + shared))
    assert await desk.rows("SELECT count(*) FROM leads WHERE merged_into IS NULL") == [(20,)]
    assert await desk.rows("SELECT count(*) FROM identities") == [(20,)]
    # Each key once, whichever process had it first.
    assert await desk.rows("SELECT count(*) FROM receipts") == [(60,)]
    assert await desk.rows("SELECT count(*) FROM events WHERE type = 'custom'") == [(60,)]
    assert sum(not one.duplicate for answer in answers for one in answer) == 60
    last = "SELECT subject FROM events WHERE type = 'custom' AND lead_id = :lead ORDER BY id DESC"
    for lead, city in await desk.rows("SELECT id, f_ville FROM leads"):
        assert (await desk.rows(last, lead=lead))[0] == (city,)


async def beside(desk: Desk, conn: AsyncConnection, *facts: Incoming) -> None:
    """What another process stores, not committed yet."""
    batch = [arrival(one, desk.store.fields, "CA") for one in facts]
    await record(conn, desk.store, batch, now_micros(desk.clock), anything, {}, shared=True)


async def test_an_address_that_another_process_is_storing_is_of_the_lead_it_makes(
    desk: Desk, both: tuple[Intake, Intake]
) -> None:
    async with desk.store.write() as conn:
        await beside(desk, conn, fact("aline@exemple.ca", "un"))
        storing = asyncio.create_task(both[1].record([fact("aline@exemple.ca", "deux")]))
        done, _ = await asyncio.wait([storing], timeout=0.3)
        assert not done
    await storing
    assert await desk.rows("SELECT DISTINCT lead_id FROM identities") == [(1,)]
    assert await desk.subjects(1) == ["un", "deux"]


async def test_what_another_process_writes_of_a_lead_is_known_before_it_is_written_again(
    desk: Desk, both: tuple[Intake, Intake]
) -> None:
    await desk.bring(email="aline@exemple.ca")
    surer = replace(fact("aline@exemple.ca", "Gaspé"), proof=Proof.TEAM)
    async with desk.store.write() as conn:
        await beside(desk, conn, surer)
        storing = asyncio.create_task(both[1].record([fact("aline@exemple.ca", "Laval")]))
        await asyncio.wait([storing], timeout=0.3)
    await storing
    assert (await desk.fields(1)).f_ville == "Gaspé"


async def test_two_leads_become_one_with_no_other_process_beside(
    desk: Desk, both: tuple[Intake, Intake]
) -> None:
    await desk.bring(phone=PHONE)
    await desk.bring(email="aline@exemple.ca")
    joins = fact("aline@exemple.ca", "une", None, PHONE)
    async with desk.store.write() as conn:
        with pytest.raises(Contended):
            await beside(desk, conn, joins)
    await both[1].record([joins])
    assert await desk.rows("SELECT DISTINCT lead_id FROM identities") == [(2,)]


async def test_what_one_process_stores_keeps_no_other_from_storing(
    desk: Desk, both: tuple[Intake, Intake]
) -> None:
    async with desk.store.write() as conn:
        await share_intake(conn)
        await conn.execute(text("INSERT INTO leads (created_at) VALUES (0)"))
        async with asyncio.timeout(5):
            await both[1].record([fact("aline@exemple.ca", "ici")])
    async with desk.store.write() as conn:
        await serialize_intake(conn)  # as who makes two leads one does
        waiting = asyncio.create_task(both[1].record([fact("aline@exemple.ca", "là")]))
        done, _ = await asyncio.wait([waiting], timeout=0.3)
        assert not done
    await waiting
