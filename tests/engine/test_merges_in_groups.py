"""Two leads found to be one, each in another campaign of an exclusive group."""

import pytest
from sqlalchemy import select

from dsl.program import Program
from server.reports.words import outcome
from server.store.instants import now_micros
from server.store.schema.campaigns import campaigns
from server.store.separation import separate
from tests.engine.test_merges import join, waiting
from tests.engine.world import World, on


def grouped(name: str, priority: int, group: str | None = "Ventes") -> Program:
    entries = (on("custom", name),)
    return waiting(name=name, entries=entries, group=group, priority=priority)


async def enter(world: World, lead: int, *names: str) -> None:
    for name in names:
        await world.event(lead, "custom", name)
        await world.settle()


async def inside(world: World, lead: int) -> dict[str, str | None]:
    names = {row.id: row.name for row in await world.rows(select(campaigns))}
    return {names[row.campaign_id]: row.outcome for row in await world.enrolments(lead)}


@pytest.mark.parametrize("first", ["source", "target"])
async def test_the_campaign_that_comes_first_has_the_lead_whoever_entered_it(
    world: World, first: str
) -> None:
    await world.publish(grouped("Paniers", 1), grouped("Prospects", 2), grouped("Autre", 1, None))
    source, target = await world.lead(), await world.lead()
    had, has = (source, target) if first == "source" else (target, source)
    await enter(world, has, "Prospects", "Autre")
    await world.later(hours=1)
    await enter(world, had, "Paniers")
    await join(world, source, target)
    await world.settle()
    expected = {"Paniers": None, "Prospects": "outranked", "Autre": None}
    assert await inside(world, target) == expected
    left = [row for row in await world.journal(target) if row.kind == "left"]
    assert len(left) == 1
    assert "groupe exclusif" in outcome("outranked")
    async with world.store.write() as conn:
        await separate(conn, world.store.fields.table, source, now_micros(world.clock))
    await world.settle()
    assert await inside(world, had) == {"Paniers": None}
    assert await inside(world, has) == {"Prospects": None, "Autre": None}


async def test_of_two_that_rank_the_same_the_first_by_name_has_the_lead(world: World) -> None:
    await world.publish(grouped("Bravo", 3), grouped("Alpha", 3))
    source, target = await world.lead(), await world.lead()
    await enter(world, source, "Alpha")
    await enter(world, target, "Bravo")
    await join(world, source, target)
    assert await inside(world, target) == {"Alpha": None, "Bravo": "outranked"}
