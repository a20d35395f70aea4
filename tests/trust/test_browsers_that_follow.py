"""Notifications accepted before a browser was known to be somebody's go to that person, and no other."""

import pytest

from relance.proof import Proof
from relance.testing import VirtualClock
from relance.tracking.proven import HeldAddress, proven
from server.store import attached
from server.store.attached import BroughtBy
from server.store.store import Store
from tests.intake.conftest import Desk

EMAIL, PHONE = "aline@exemple.ca", "+15145550199"
BROWSER, OTHER = "navigateur-bbbbbbbbbbbbbbbb", "navigateur-cccccccccccccccc"
OWNERS = "SELECT name, lead_id FROM attached ORDER BY name"


@pytest.fixture
def desk(store: Store, clock: VirtualClock) -> Desk:
    return Desk(store, clock)


async def aline(desk: Desk) -> int:
    lead = (await desk.bring({}, email=EMAIL, phone=PHONE, proof=Proof.STATED)).lead_id
    desk.clock.advance(minutes=1)
    return lead


async def accepts(desk: Desk, mark: str) -> int:
    """That browser takes notifications, as whoever it is known to be."""
    lead = (await desk.bring({}, "oui", visitor=mark, proof=Proof.STATED)).lead_id
    async with desk.store.write() as conn:
        brought = BroughtBy(mark, "push_subscribed")
        await attached.attach(conn, "push", mark, lead, "{}", 1, brought)
    return lead


async def shows(desk: Desk, lead: int, mark: str, **address: str) -> None:
    """What was sent to an address of the lead's is acted on in that browser."""
    desk.clock.advance(minutes=1)
    held = HeldAddress(lead, desk.clock.now(), **address)
    await desk.intake.record([proven("email", held, [], mark)])


async def recorded(desk: Desk, lead: int) -> int:
    rows = await desk.rows(
        "SELECT 1 FROM events WHERE type = 'push_subscribed' AND lead_id = :lead", lead=lead
    )
    return len(rows)


@pytest.mark.parametrize("address", [{"email": EMAIL}, {"phone": PHONE}])
async def test_browsers_go_to_whom_the_address_they_stated_proves(
    desk: Desk, address: dict[str, str]
) -> None:
    lead = await aline(desk)
    nobody = await accepts(desk, BROWSER)
    assert nobody != lead
    await desk.bring({}, visitor=BROWSER, proof=Proof.STATED, **address)
    assert [tuple(row) for row in await desk.rows(OWNERS)] == [(BROWSER, nobody)]
    await shows(desk, lead, BROWSER, **address)
    assert [tuple(row) for row in await desk.rows(OWNERS)] == [(BROWSER, lead)]
    assert await recorded(desk, lead) == 1
    await shows(desk, lead, BROWSER, **address)
    assert await recorded(desk, lead) == 1


async def test_what_a_stranger_s_browser_brought_stays_his(desk: Desk) -> None:
    lead = await aline(desk)
    his = await accepts(desk, BROWSER)
    await shows(desk, lead, BROWSER, email=EMAIL)  # a mail that was forwarded
    await desk.bring({}, visitor=BROWSER, email=EMAIL, proof=Proof.STATED)
    await shows(desk, lead, OTHER, email=EMAIL)  # she confirms at home what he stated
    assert [tuple(row) for row in await desk.rows(OWNERS)] == [(BROWSER, his)]
    assert await recorded(desk, lead) == 0


async def test_of_a_known_lead_only_those_of_that_browser_go(desk: Desk) -> None:
    lead = await aline(desk)
    paul = (
        await desk.bring({}, visitor=BROWSER, email="paul@exemple.ca", proof=Proof.STATED)
    ).lead_id
    await accepts(desk, BROWSER)
    async with desk.store.write() as conn:
        brought = BroughtBy(OTHER, "push_subscribed")
        await attached.attach(conn, "push", OTHER, paul, "{}", 1, brought)
    await desk.bring({}, visitor=BROWSER, email=EMAIL, proof=Proof.STATED)
    await shows(desk, lead, BROWSER, email=EMAIL)
    owners = [tuple(row) for row in await desk.rows(OWNERS)]
    assert owners == [(BROWSER, lead), (OTHER, paul)]


async def test_a_source_that_signs_takes_them_with_the_browser(desk: Desk) -> None:
    lead = await aline(desk)
    await desk.bring({}, visitor=BROWSER, phone="+15145550142", proof=Proof.STATED)
    await accepts(desk, BROWSER)
    await desk.bring({}, visitor=BROWSER, email=EMAIL, proof=Proof.SIGNED)
    assert [tuple(row) for row in await desk.rows(OWNERS)] == [(BROWSER, lead)]
