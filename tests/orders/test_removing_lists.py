"""A list is removed when nothing rests on it any more, and never before."""

import pytest
from sqlalchemy import insert, select

from dsl.program import END, Act, Decide
from relance.effects import AddTag, AddToList
from relance.facts import Field, InList, IsEmpty, Leaf
from relance.said import Said
from relance.testing import VirtualClock
from server.orders.declined import Declined
from server.orders.lists import remove
from server.store.schema.leads import list_members, lists
from server.store.store import Store
from tests.engine.world import HERE, World, program

TAG = Act("a", HERE, (AddTag("x"),), END)
ASKS = program(Decide("d", HERE, Leaf(Said("l"), InList("Salon")), 1, END), TAG, name="Suivre")
PUTS = program(Act("a", HERE, (AddToList("salon"),), END), name="Inscrire")


@pytest.fixture
def world(store: Store, clock: VirtualClock) -> World:
    return World(store, clock)


async def with_a_list(world: World) -> int:
    lead = await world.lead()
    async with world.store.write() as conn:
        await conn.execute(insert(lists).values(key="salon", name="Salon"))
        await conn.execute(insert(list_members).values(lead_id=lead, list_key="salon", since=1))
    return lead


async def removed(world: World, name: str = "Salon") -> str:
    async with world.store.write() as conn:
        return await remove(conn, world.store, VirtualClock(), {"liste": name})


async def test_a_list_that_nothing_uses_goes_with_its_members(world: World) -> None:
    await with_a_list(world)
    assert (
        await removed(world) == "La liste «\u00a0Salon\u00a0» n’existe plus\u00a0; 1 lead en sort."
    )
    assert await world.rows(select(list_members)) == await world.rows(select(lists)) == []
    assert await removed(world) == "La liste «\u00a0Salon\u00a0» n’existe plus."


@pytest.mark.parametrize(
    ("campaigns", "dynamic", "said"),
    [
        ([ASKS], {}, "la campagne «\u00a0Suivre\u00a0»"),
        ([PUTS], {}, "la campagne «\u00a0Inscrire\u00a0»"),
        ([], {"Actifs": InList("Salon")}, "la liste «\u00a0Actifs\u00a0»"),
        ([], {"Salon": IsEmpty(Field("ville"))}, "se tient à jour d’elle-même"),
    ],
)
async def test_a_list_in_use_stays_and_who_uses_it_is_named(
    world: World, campaigns: list[object], dynamic: dict[str, object], said: str
) -> None:
    await world.publish(*campaigns, lists=dynamic)
    await with_a_list(world)
    with pytest.raises(Declined, match=said):
        await removed(world)
    assert len(await world.rows(select(list_members))) >= 1
