"""The states of a campaign: which campaigns run, and what becomes of those inside of the others."""

from tests.engine.world import World, program


async def test_a_campaign_published_without_being_activated_takes_nobody_in(world: World) -> None:
    await world.publish(program(), activating=False)
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await world.enrolments(lead) == []
