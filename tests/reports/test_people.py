"""A lead is found by what a person knows of them."""

import pytest

from relance.host import Identities, Incoming
from relance.proof import Proof
from relance.testing import VirtualClock
from server.intake.intake import Intake
from server.reports.people import find_lead, latest_leads
from server.store.store import Store


@pytest.mark.parametrize(
    "words",
    [
        "aline@example.com",
        " Aline@Example.COM ",
        "514 555-0134",
        "+1 (514) 555-0134",
        "15145550134",
        "aline\x00@exam\u200bple.com\ud800",
    ],
)
async def test_a_lead_answers_to_an_e_mail_or_a_telephone(store: Store, words: str) -> None:
    who = Identities(email="aline@example.com", phone="+15145550134")
    (receipt,) = await Intake(store, VirtualClock(), "CA").record([Incoming("essai", who)])
    async with store.read() as conn:
        assert await find_lead(conn, words) == receipt.lead_id
        assert await find_lead(conn, str(receipt.lead_id)) == receipt.lead_id


@pytest.mark.parametrize(
    "words", ["", "personne@example.com", "999", "99999999999999999999", "%", "\x00", "\ud800"]
)
async def test_nobody_answers_to_anything_else(store: Store, words: str) -> None:
    who = Identities(email="aline@example.com", phone="+15145550134")
    await Intake(store, VirtualClock(), "CA").record([Incoming("essai", who)])
    async with store.read() as conn:
        assert await find_lead(conn, words) is None


async def test_two_fiches_found_to_be_one_person_are_one(store: Store) -> None:
    intake = Intake(store, VirtualClock(), "CA")
    (stranger,) = await intake.record(
        [Incoming("essai", Identities(visitor="visiteur-0123456789abcdef"))]
    )
    (known,) = await intake.record([Incoming("essai", Identities(email="aline@example.com"))])
    both = Identities(email="aline@example.com", visitor="visiteur-0123456789abcdef")
    await intake.record([Incoming("essai", both, proof=Proof.SIGNED)])
    async with store.read() as conn:
        found = {await find_lead(conn, str(one.lead_id)) for one in (stranger, known)}
        assert len(found) == 1
        assert [row.id for row in await latest_leads(conn, 5)] == list(found)
