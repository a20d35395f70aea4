"""A version is told by its rank among those of its campaign, wherever people read it."""

from typing import Any

from server.reports.as_json import as_json
from server.reports.performance.campaign import campaign_performance
from server.reports.performance.listing import summaries
from server.reports.performance.people import present, present_report
from server.reports.performance.reading import EVER
from server.reports.version_number import version_numbers
from tests.engine.life.test_states import resting
from tests.engine.world import World, program


async def test_versions_are_numbered_from_the_first_of_their_own_campaign(world: World) -> None:
    await world.publish(resting(), program(name="Autre"))
    await world.publish(resting(group="G"), program(name="Autre"))
    await world.publish(resting(group="G"), program(name="Autre", group="H"))
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    async with world.store.read() as conn:
        every = {one.name: one for one in await summaries(conn)}
        assert {name: one.number for name, one in every.items()} == {"Essai": 2, "Autre": 2}
        assert every["Essai"].version != every["Autre"].version, "ids count all campaigns"
        numbers = await version_numbers(conn, every["Autre"].id)
        assert sorted(numbers.values()) == [1, 2]
        found = await campaign_performance(conn, every["Essai"].id, "Essai", EVER)
        assert [one.number for one in found.versions] == [2]
        inside = present_report("Essai", await present(conn, every["Essai"].id, "", 10), 10)
    rows: Any = as_json(inside)
    assert [row["version"] for row in rows] == [2]
