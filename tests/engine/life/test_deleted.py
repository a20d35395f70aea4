"""A campaign that was done away with leaves nothing to the next but what the journal tells of it."""

from sqlalchemy import select

from server.orders.campaigns import DECISIONS
from server.store.schema.campaigns import campaign_changes, campaigns
from tests.engine.world import World, program


async def test_a_new_campaign_has_no_part_of_the_history_of_a_deleted_one(world: World) -> None:
    old = {"campagne": "Vieille", "qui": "bob"}
    await world.publish(program(name="Vieille"), activating=False)
    await DECISIONS["activer"](world.ordering(), old)
    await world.publish()
    for _ in range(2):  # an order may be done twice
        said = await DECISIONS["supprimer-campagne"](world.ordering(), old)
        assert "n’existe plus" in said
    await world.publish(program(name="Neuve"), program(name="Autre"), activating=False)
    numbers = {row.id for row in await world.rows(select(campaigns.c.id))}
    before = {row.campaign_id for row in await world.rows(select(campaign_changes))}
    assert (len(numbers), numbers & before) == (2, set())
