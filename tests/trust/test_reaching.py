"""No personal word leaves for a number that a stranger may have given first."""

from datetime import timedelta

import pytest

from relance.channel import Limits
from relance.proof import Proof
from relance.testing import FakeChannel, VirtualClock
from server.dispatch.claims import Claims
from server.dispatch.reachability import UNPROVEN
from server.store.store import Store
from tests.intake.conftest import Desk

ALINE, NUMBER = "aline@exemple.ca", "+15145550142"


@pytest.fixture
def desk(store: Store, clock: VirtualClock) -> Desk:
    return Desk(store, clock)


async def texts_sent(desk: Desk, lead: int = 1) -> tuple[int, str | None]:
    """How many messages leave for the lead's number, and why one does not."""
    await desk.do(
        "INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, state, "
        "created_at, due_at) VALUES (:lead, 1, 1, 1, 0, 'sms', 'Bonjour', 'pending', 1, 1)",
        lead=lead,
    )
    channel = FakeChannel("sms", address_field="cellulaire", limits=Limits(concurrency=1))
    async with desk.store.write() as conn:
        now = desk.clock.now() + timedelta(seconds=1)
        claims = await Claims(desk.store, channel).claim(conn, now, 10)
    (row,) = await desk.rows("SELECT reason FROM outbox")
    return len(claims), row.reason


async def stated_first(desk: Desk) -> None:
    fields = {"cellulaire": NUMBER, "prénom": "Aline"}
    await desk.bring(fields, email=ALINE, phone=NUMBER, proof=Proof.STATED)


async def test_what_was_stated_together_is_written_to_together(desk: Desk) -> None:
    await stated_first(desk)
    assert await texts_sent(desk) == (1, None)


async def test_a_surer_source_tells_nothing_to_a_number_only_stated(desk: Desk) -> None:
    await stated_first(desk)
    await desk.bring({"ville": "Lévis"}, email=ALINE, proof=Proof.TEAM)
    assert await texts_sent(desk) == (0, UNPROVEN)


@pytest.mark.parametrize("proof", [Proof.CONFIRMED, Proof.TEAM])
async def test_a_number_that_is_proven_is_written_to_again(desk: Desk, proof: Proof) -> None:
    await stated_first(desk)
    await desk.bring({"ville": "Lévis"}, email=ALINE, proof=Proof.TEAM)
    await desk.bring({"cellulaire": NUMBER}, phone=NUMBER, proof=proof)
    assert await texts_sent(desk) == (1, None)


async def test_a_scanner_taken_for_a_person_proves_the_mailbox_and_no_number(desk: Desk) -> None:
    await stated_first(desk)
    mark = "analyseur-" + "a" * 16
    await desk.bring(lead_id=1, email=ALINE, visitor=mark, proof=Proof.CONFIRMED)
    owned = await desk.rows("SELECT kind, proof FROM identities ORDER BY kind")
    assert [tuple(row) for row in owned] == [("email", 2), ("phone", 1), ("visitor", 0)]
    await desk.bring({"ville": "Lévis"}, email=ALINE, proof=Proof.TEAM)
    assert await texts_sent(desk) == (0, UNPROVEN)
