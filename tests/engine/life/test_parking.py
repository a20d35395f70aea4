"""Setting apart those whose time comes in a campaign that does not run, among others that do not move."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from server.engine.life import deciding, parking
from server.engine.life.state import CampaignChange
from server.engine.publication.project import ProgramSource, Project
from server.engine.tick import Tick
from server.store.schema.campaigns import enrolments
from tests.engine.life.test_states import ME, resting
from tests.engine.triggers.test_backlog import fragile
from tests.engine.world import World


async def test_a_crowd_in_quarantine_hides_nobody_who_is_to_be_set_apart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parking, "PART", 1)
    broken, paused = fragile(), resting(name="Autre")
    await world.engine.publish(Project([ProgramSource(broken), ProgramSource(paused)]))
    lead = await world.lead()
    await world.event(lead)
    await world.settle()

    async def pause(tick: Tick) -> None:
        campaign = await deciding.find(tick.conn, "Autre")
        await deciding.decide(tick, campaign.id, CampaignChange.PAUSED, ME)

    await world.engine.change(pause)
    for _ in range(2):  # it fails, then stays due where it stands
        await world.event(lead, "custom", "x")
        await world.settle()
    assert world.engine.quarantine
    world.clock.advance(timedelta(days=2))
    for _ in range(5):
        await world.engine.tick()
    set_apart = select(enrolments.c.wake_at).where(enrolments.c.overdue_at.is_not(None))
    assert [row.wake_at for row in await world.rows(set_apart)] == [None]
    assert world.wakes() is None, "nothing is left to be done"
