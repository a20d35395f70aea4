"""Receipts are kept as long as they can be of use."""

import pytest

from relance.events import NewEvent
from relance.host import Identities, Incoming
from server import housekeeping
from tests.intake.conftest import Desk


async def test_a_receipt_lives_a_month_and_the_lead_for_good(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "_AT_ONCE", 2)
    for number in range(5):
        await desk.bring(email="a@b.ca", key=f"vieux-{number}")
    desk.clock.advance(days=29)
    await desk.bring(email="a@b.ca", key="récent")
    assert await housekeeping.sweep(desk.store, desk.clock) == 0
    desk.clock.advance(days=2)
    assert await housekeeping.sweep(desk.store, desk.clock) == 5
    assert [row[0] for row in await desk.rows("SELECT key FROM receipts")] == ["récent"]
    assert len(await desk.rows("SELECT id FROM leads")) == 1


async def test_what_is_told_for_good_is_never_taken_twice(desk: Desk) -> None:
    who = Identities(email="a@b.ca")
    fact = Incoming("caisse", who, events=[NewEvent("purchase", "C-1")], key="C-1", lasting=True)
    await desk.intake.record([fact])
    desk.clock.advance(days=4_000)
    assert await housekeeping.sweep(desk.store, desk.clock) == 0
    (again,) = await desk.intake.record([fact])
    assert again.duplicate
    assert len(await desk.rows("SELECT id FROM events WHERE type = 'purchase'")) == 1
