"""Who would enter at once is counted before it is decided: what is refused is what would have come."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from dsl.program import END, Exit, ExitRule, Program
from relance.facts import InList
from server.engine.life.state import CampaignChange
from server.orders.campaigns import DECISIONS
from server.orders.declined import Declined, Gesture
from server.store.schema.campaigns import enrolments
from server.store.schema.leads import list_members
from tests.engine.life.test_states import decide, deliver, sends
from tests.engine.triggers.test_state_triggers import when
from tests.engine.triggers.test_takings import BY_LIST, enlist
from tests.engine.world import World, program

Stage = Callable[[World], Awaitable[str]]
CAMPAIGN = program(sends("a", END), entries=(BY_LIST,))
MOST = 2


async def crowd(world: World, count: int = 3) -> None:
    """So many on the list, without a word."""
    for _ in range(count):
        await enlist(world, await world.lead(), event=False)


async def published(world: World, campaign: Program = CAMPAIGN) -> None:
    await world.publish(campaign, activating=False)
    await world.settle()


async def never_activated(world: World) -> str:
    await crowd(world)
    await published(world)
    return "activer"


async def with_an_exit_that_holds_for_one(world: World) -> str:
    out = when(InList("Sortants"))
    await crowd(world, 4)
    async with world.store.write() as conn:
        await conn.execute(list_members.insert().values(list_key="sortants", lead_id=1, since=0))
    await published(world, replace(CAMPAIGN, exits=(ExitRule(Exit.FAILURE, out),)))
    return "activer"


async def paused_while_they_joined(world: World) -> str:
    await crowd(world, 2)
    await published(world)
    await DECISIONS["activer"](world.ordering(entering=MOST), {"campagne": "Essai"})
    await world.settle()
    await deliver(world)
    await decide(world, CampaignChange.PAUSED)
    await world.settle()
    await crowd(world)
    return "reprendre"


async def edited_in_its_pause(world: World) -> str:
    await paused_while_they_joined(world)
    again = replace(CAMPAIGN, statements=(sends("b", END),))
    await published(world, again)
    return "reprendre"


async def restored_with_those_who_never_came(world: World) -> str:
    await crowd(world, 2)
    await published(world)
    await DECISIONS["activer"](world.ordering(entering=MOST), {"campagne": "Essai"})
    await world.settle()
    for verb in ("archiver", "restaurer"):
        await DECISIONS[verb](world.ordering(), {"campagne": "Essai"})
        await world.settle()
    await crowd(world)
    return "reprendre"


@pytest.mark.parametrize(
    "stage",
    [
        never_activated,
        with_an_exit_that_holds_for_one,
        paused_while_they_joined,
        edited_in_its_pause,
        restored_with_those_who_never_came,
    ],
)
async def test_a_crowd_is_refused_in_figures_and_is_the_one_that_enters_once_allowed(
    world: World, stage: Stage
) -> None:
    verb = await stage(world)
    decide_, before = DECISIONS[verb], await came(world)
    with pytest.raises(Declined) as refused:
        await decide_(world.ordering(entering=MOST), {"campagne": "Essai"})
    assert refused.value.about == "autoriser"
    assert "3 personnes entreraient aussitôt dans la campagne" in str(refused.value)
    assert "X 3" in refused.value.in_words(dict.fromkeys(Gesture, "X"))
    await world.settle()
    assert await came(world) == before, "nobody enters before it is allowed"
    with pytest.raises(Declined, match="aussitôt"):
        await decide_(world.ordering(entering=MOST), {"campagne": "Essai", "autoriser": "2"})
    allowed = {"campagne": "Essai", "autoriser": "3"}
    await decide_(world.ordering(entering=MOST), allowed)
    await world.settle()
    assert await came(world) == before + 3
    assert "déjà active" in await decide_(world.ordering(entering=MOST), allowed)


async def test_an_hourly_campaign_is_counted_though_it_lets_in_on_the_hour(world: World) -> None:
    await crowd(world)
    await published(world, replace(CAMPAIGN, hourly=True))
    with pytest.raises(Declined, match="3 personnes"):
        await DECISIONS["activer"](world.ordering(entering=MOST), {"campagne": "Essai"})


async def came(world: World) -> int:
    async with world.store.read() as conn:
        return await conn.scalar(select(func.count()).select_from(enrolments)) or 0
