"""One mailbox is one lead, however its address is written; those known before are made one."""

import pytest
from sqlalchemy import text

from relance.host import Identities, Incoming
from relance.testing import VirtualClock
from server.intake.intake import Intake
from server.intake.spellings import join_spellings
from server.reports.people import find_lead
from server.store.contacts import address_key, email_key
from server.store.store import Store

ONE = ["a@été.ca", "A@ÉTÉ.CA", "a@xn--t-9fab.ca", "A@XN--T-9FAB.ca", " a@e\u0301te\u0301.ca "]


@pytest.mark.parametrize("written", ONE)
def test_every_spelling_has_one_key(written: str) -> None:
    assert email_key(written) == address_key(written) == "a@xn--t-9fab.ca"


def test_the_name_before_the_at_sign_is_composed_and_small() -> None:
    assert email_key("E\u0301lodie@exemple.ca") == email_key("ÉLODIE@exemple.ca")
    assert email_key("élodie@exemple.ca") != email_key("elodie@exemple.ca")


async def test_spellings_are_one_lead_found_by_any(store: Store, clock: VirtualClock) -> None:
    intake = Intake(store, clock)
    facts = [Incoming("form:a", Identities(email=one), {"nom": "Roy"}) for one in ONE]
    assert {receipt.lead_id for receipt in await intake.record(facts)} == {1}
    async with store.read() as conn:
        assert {await find_lead(conn, one) for one in ONE} == {1}


async def test_doubles_of_before_are_merged_once_and_the_oldest_stays(
    store: Store, clock: VirtualClock
) -> None:
    intake = Intake(store, clock)
    for n in range(4):
        await intake.record([Incoming("form:a", Identities(email=f"l{n}@exemple.ca"))])
    before = {1: "a@été.ca", 2: "a@xn--t-9fab.ca", 3: "seule@été.ca"}
    async with store.write() as conn:
        for lead, value in before.items():
            change = "UPDATE identities SET value = :value WHERE lead_id = :lead"
            await conn.execute(text(change), {"value": value, "lead": lead})
        await conn.execute(text("UPDATE leads SET f_ville = 'Lévis' WHERE id = 2"))
        await conn.execute(text("DELETE FROM inbox"))
    assert await join_spellings(store, clock) == 1
    assert await join_spellings(store, clock) == 0
    async with store.read() as conn:
        known = await conn.execute(text("SELECT value, lead_id FROM identities ORDER BY value"))
        assert [tuple(row) for row in known] == [
            ("a@xn--t-9fab.ca", 1),
            ("l3@exemple.ca", 4),
            ("seule@xn--t-9fab.ca", 3),
        ]
        left = await conn.execute(text("SELECT id, merged_into FROM leads ORDER BY id"))
        assert [tuple(row) for row in left] == [(1, None), (2, 1), (3, None), (4, None)]
        assert await conn.scalar(text("SELECT f_ville FROM leads WHERE id = 1")) == "Lévis"
        pending_merges = text("SELECT lead_id FROM inbox WHERE type = 'lead_merged'")
        assert await conn.scalar(pending_merges) == 1
