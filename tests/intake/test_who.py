"""Who a fact is about."""

import pytest

from relance.errors import Unacceptable
from relance.proof import Proof
from tests.intake.conftest import OTHER_VISITOR, VISITOR, Desk


async def test_the_same_address_in_other_capitals_is_the_same_lead(desk: Desk) -> None:
    first = await desk.bring(email="Aline.Roy@Exemple.ca")
    second = await desk.bring(email=" aline.roy@exemple.CA ")
    assert first == second
    assert (await desk.fields(first.lead_id)).f_courriel == "Aline.Roy@Exemple.ca"


async def test_a_phone_is_read_however_it_is_written(desk: Desk) -> None:
    first = await desk.bring(phone="(514) 555-0199")
    second = await desk.bring(phone="+1 514 555 0199", email="aline@exemple.ca")
    assert first.lead_id == second.lead_id
    assert (await desk.fields(first.lead_id)).f_telephone == "+15145550199"


async def test_a_visitor_who_gives_a_new_address_keeps_his_lead(desk: Desk) -> None:
    before = await desk.bring(visitor=VISITOR, event="avant")
    after = await desk.bring(visitor=VISITOR, email="aline@exemple.ca", event="après")
    assert before.lead_id == after.lead_id
    assert await desk.subjects(after.lead_id) == ["avant", "après"]


async def test_another_address_from_the_same_browser_is_somebody_else(desk: Desk) -> None:
    aline = await desk.bring(visitor=VISITOR, email="aline@exemple.ca")
    paul = await desk.bring(visitor=VISITOR, email="paul@exemple.ca")
    assert aline.lead_id != paul.lead_id
    # The browser belongs to whoever was last known on it.
    assert (await desk.bring(visitor=VISITOR)).lead_id == paul.lead_id
    assert (await desk.bring(email="aline@exemple.ca")).lead_id == aline.lead_id


async def test_a_family_phone_stays_with_the_first_and_makes_nobody_disappear(desk: Desk) -> None:
    aline = await desk.bring(phone="514 555-0199", email="aline@exemple.ca")
    paul = await desk.bring(phone="514 555-0199", email="paul@exemple.ca")
    assert aline.lead_id != paul.lead_id
    assert (await desk.bring(phone="514 555-0199")).lead_id == aline.lead_id


async def test_facts_of_one_call_about_one_person_make_one_lead(desk: Desk) -> None:
    from relance.host import Identities, Incoming

    facts = [
        Incoming("t", Identities(visitor=VISITOR)),
        Incoming("t", Identities(email="a@exemple.ca")),
        Incoming("t", Identities(email="a@exemple.ca", visitor=VISITOR), proof=Proof.SIGNED),
        Incoming("t", Identities(visitor=VISITOR)),
    ]
    receipts = await desk.intake.record(facts)
    assert len({receipt.lead_id for receipt in receipts}) == 1
    assert len(await desk.rows("SELECT id FROM leads")) == 1


async def test_an_explicit_lead_is_followed_to_what_it_became(desk: Desk) -> None:
    anonymous = await desk.bring(visitor=VISITOR)
    known = await desk.bring(email="aline@exemple.ca")
    await desk.bring(email="aline@exemple.ca", visitor=VISITOR)
    assert (await desk.bring(lead_id=anonymous.lead_id)).lead_id == known.lead_id


async def test_a_click_joins_the_browser_to_the_lead_of_the_link(desk: Desk) -> None:
    anonymous = await desk.bring(visitor=VISITOR, event="page")
    known = await desk.bring(email="aline@exemple.ca")
    clicked = await desk.bring(lead_id=known.lead_id, visitor=VISITOR, event="clic")
    assert clicked.lead_id == known.lead_id
    assert anonymous.lead_id != known.lead_id
    assert await desk.subjects(known.lead_id) == ["page", "clic"]


async def test_an_unknown_lead_is_refused_and_its_neighbours_are_not(desk: Desk) -> None:
    import asyncio

    wrong, right = await asyncio.gather(
        desk.bring(lead_id=987), desk.bring(visitor=OTHER_VISITOR), return_exceptions=True
    )
    assert isinstance(wrong, Unacceptable)
    assert not isinstance(right, BaseException)


@pytest.mark.parametrize(
    "email", ["", "a", "a@", "@b.ca", "a b@c.ca", "a@b.ca\nBcc: x@y.z", "x" * 300]
)
async def test_what_is_no_address_is_refused(desk: Desk, email: str) -> None:
    with pytest.raises(Unacceptable):
        await desk.bring(email=email)
    assert not await desk.rows("SELECT id FROM leads")


async def test_a_fact_about_nobody_is_refused(desk: Desk) -> None:
    with pytest.raises(Unacceptable):
        await desk.bring(event="seul")


async def test_a_stranger_cannot_give_his_lead_numbers_without_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All those of a lead are looked at with each of its facts."""
    monkeypatch.setattr("server.intake.identities.MOST_PHONES", 3)
    for number in range(6):
        phone = f"514 555-01{number:02}"
        identities = {"visitor": VISITOR, "email": "a@exemple.ca", "phone": phone}
        one = await desk.bring(**identities, proof=Proof.STATED)
    held = await desk.rows("SELECT value FROM identities WHERE kind = 'phone'")
    assert len(held) == 3
    assert (await desk.fields(one.lead_id)).f_telephone == "+15145550105"
