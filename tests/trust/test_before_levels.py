"""A base from before proof had levels, brought to the present: its people keep what they had."""

from collections.abc import AsyncIterator

import pytest
from alembic import command
from sqlalchemy.ext.asyncio import create_async_engine

from relance.proof import Proof
from relance.testing import VirtualClock
from server.store.store import Store
from server.store.versions import config
from tests.intake.conftest import OTHER_VISITOR, VISITOR, Desk
from tests.trust.test_reaching import texts_sent

ALINE, PAUL = "aline@exemple.ca", "paul@exemple.ca"
NUMBER, STRANGER = "+15145550142", "+15145550199"
#: Aline came by a form or a file, nothing tells which; a CRM said of Paul where he lives.
BEFORE = (
    "INSERT INTO leads (id, created_at, score, f_courriel, f_prenom, f_cellulaire, f_ville) VALUES "
    f"(1, 5, 0, '{ALINE}', 'Aline', '{NUMBER}', 'Gaspé'), "
    "(2, 5, 0, 'paul@exemple.ca', 'Paul', '+15145550143', 'Laval')",
    "INSERT INTO identities (kind, value, lead_id) VALUES "
    f"('email', '{ALINE}', 1), ('phone', '{NUMBER}', 1), ('visitor', '{VISITOR}', 1), "
    "('email', 'paul@exemple.ca', 2), ('phone', '+15145550143', 2)",
    "INSERT INTO events (lead_id, type, id, subject, subject_key, occurred_at, received_at, pending) "
    "VALUES (1, 'custom', 1, 'avant', 'avant', 5, 5, false)",
    "INSERT INTO learned (lead_id, source, field, at) VALUES (2, 'crm', 'f_ville', 7)",
)


@pytest.fixture
async def desk(empty_url: str, clock: VirtualClock) -> AsyncIterator[Desk]:
    """The base, migrated by the server that opens it."""
    url = empty_url.replace("sqlite://", "sqlite+aiosqlite://")
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as conn:
        await conn.run_sync(lambda sync: command.upgrade(config(sync), "0011"))
        for statement in BEFORE:
            await conn.exec_driver_sql(statement)
    await engine.dispose()
    store = await Store.open(empty_url, clock)
    yield Desk(store, clock)
    await store.close()


async def test_a_strangers_form_finds_the_lead_and_changes_nothing_of_it(desk: Desk) -> None:
    fields = {"prénom": "Autre", "ville": "Ailleurs", "cellulaire": STRANGER, "nom": "Roy"}
    who = {"email": ALINE, "phone": STRANGER, "visitor": OTHER_VISITOR}
    receipt = await desk.bring(fields, "ensuite", proof=Proof.STATED, **who)
    assert receipt.lead_id == 1
    row = await desk.fields(1)
    assert (row.f_prenom, row.f_ville, row.f_cellulaire) == ("Aline", "Gaspé", NUMBER)
    assert row.f_nom == "Roy", "what nobody had said is completed"
    assert await desk.subjects(1) == ["avant", "ensuite"]
    claims = await desk.rows(
        "SELECT field FROM declarations WHERE state = 'pending' ORDER BY field"
    )
    assert [field for (field,) in claims] == ["f_cellulaire", "f_prenom", "f_ville"]


async def test_the_browser_that_was_hers_still_corrects_what_she_said(desk: Desk) -> None:
    await desk.bring({"ville": "Percé"}, email=ALINE, visitor=VISITOR, proof=Proof.STATED)
    assert (await desk.fields(1)).f_ville == "Percé"


async def test_what_the_crm_said_is_not_corrected_by_a_form(desk: Desk) -> None:
    await desk.bring({"ville": "Ailleurs"}, email=PAUL, visitor=VISITOR, proof=Proof.STATED)
    assert (await desk.fields(2)).f_ville == "Laval"


@pytest.mark.parametrize("lead", [1, 2])
async def test_a_number_written_to_before_is_written_to_still(desk: Desk, lead: int) -> None:
    assert await texts_sent(desk, lead) == (1, None)


async def test_a_file_brought_in_again_is_the_teams_own_word(desk: Desk) -> None:
    await desk.bring({"ville": "Lévis"}, email=ALINE, proof=Proof.TEAM)
    assert (await desk.fields(1)).f_ville == "Lévis"
    await desk.bring({"ville": "Percé"}, email=ALINE, visitor=VISITOR, proof=Proof.STATED)
    assert (await desk.fields(1)).f_ville == "Lévis"
