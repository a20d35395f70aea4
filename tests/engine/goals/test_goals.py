"""The goals of campaigns: who is counted, once, and counted anew when the question changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete

from dsl.goals import Goal
from dsl.program import END, Exit, ExitRule, Pause, Program, Reentry, Trigger
from relance.events import EventPattern
from relance.facts import HasTag, Leaf
from relance.said import Said
from relance.values import Duration
from relance.waits import WaitFor
from server.engine.life.state import CampaignChange
from server.store.instants import now_micros
from server.store.merges import merge
from server.store.schema.events import inbox
from server.store.separation import separate
from tests.engine.goals.recount import kept, recounted
from tests.engine.life.test_states import decided
from tests.engine.world import HERE, World, on, program

REST = Pause("p", HERE, WaitFor(Duration(days=2)), END)
SUBJECTS = {"achat": "achat", "avis": "avis"}


def campaign(name: str, **given: Any) -> Program:
    return program(REST, name=name, **{"entries": (on("form_submitted", name),), **given})


def goal(of: str, name: str = "Achat", days: int = 3, **given: Any) -> Goal:
    trigger = on("custom", given.pop("subject", name), **given)
    return Goal(of, name, name, (trigger,), Duration(days=days))


async def agree(world: World) -> tuple[set[tuple[int, int]], dict[int, int], dict[int, int]]:
    """What is kept, once it was found to be what a recount finds."""
    found = await kept(world)
    assert found == await recounted(world, SUBJECTS)
    return found


async def does(world: World, lead: int, *subjects: str) -> None:
    for subject in subjects:
        await world.event(lead, "custom", subject)
    await world.settle()


async def enter(world: World, name: str = "A", count: int = 1) -> list[int]:
    found = [await world.lead() for _ in range(count)]
    for lead in found:
        await world.event(lead, "form_submitted", name)
    await world.settle()
    return found


async def test_each_lead_counts_once_however_often_it_enters_and_answers(world: World) -> None:
    again = campaign("A", reentry=Reentry.AFTER_EXIT)
    await world.publish(again, goals=[goal("A")])
    (lead,) = await enter(world)
    await does(world, lead, "Achat", "Achat")
    await world.later(days=3)
    await world.event(lead, "form_submitted", "A")
    await world.settle()
    await does(world, lead, "Achat")
    assert await agree(world) == ({(lead, 1)}, {1: 1}, {1: 1})


async def test_what_an_import_tells_of_the_past_counts_for_a_goal_that_runs(world: World) -> None:
    await world.publish(campaign("A"), goals=[goal("A")])
    first, other = await enter(world, count=2)
    await does(world, other, "Achat")
    await world.later(days=1)
    number = await world.event(first, "custom", "Achat")
    async with world.store.write() as conn:
        await conn.execute(delete(inbox).where(inbox.c.id == number))
    await world.settle()
    assert (await kept(world))[0] == {(other, 1)}
    await world.engine.take_stock()
    await world.settle()
    assert await agree(world) == ({(first, 1), (other, 1)}, {1: 2}, {1: 2})


async def test_the_event_that_lets_in_reaches_nothing_by_itself(world: World) -> None:
    entering = campaign("A", entries=(on("custom", "Achat"),))
    await world.publish(entering, goals=[goal("A")])
    lead = await world.lead()
    await does(world, lead, "Achat")
    assert (await agree(world))[0] == set()
    await does(world, lead, "Achat")
    assert (await agree(world))[0] == {(lead, 1)}


async def test_another_window_counts_anew_from_the_events_and_keeps_what_they_were(
    world: World,
) -> None:
    vip = Leaf(Said("vip"), HasTag("VIP"))
    await world.publish(campaign("A"), goals=[goal("A", condition=vip)])
    early, late = await enter(world, count=2)
    await world.later(days=3)
    await world.later(hours=1)
    await does(world, early, "Achat")
    assert (await kept(world))[0] == set()  # nobody is one
    await world.publish(campaign("A"), goals=[goal("A")])
    await world.settle()
    assert (await agree(world))[0] == {(early, 1)}
    await world.later(days=4)
    await does(world, late, "Achat")
    assert (await agree(world))[1] == {1: 1}
    await world.publish(campaign("A"), goals=[goal("A", days=9)])
    await world.settle()
    assert await agree(world) == ({(early, 1), (late, 1)}, {1: 2}, {1: 2})
    await world.publish(campaign("A"), goals=[goal("A", days=0)])
    await world.settle()
    assert await agree(world) == (set(), {}, {1: 2})


async def test_who_is_one_with_another_reaches_by_what_the_other_did(world: World) -> None:
    await world.publish(campaign("A"), campaign("B"), goals=[goal("A"), goal("B", days=1)])
    inside, both = await enter(world, count=2)
    browser = await world.lead()
    await world.event(both, "form_submitted", "B")
    await world.settle()
    await does(world, browser, "Achat")
    assert (await agree(world))[0] == set()
    await join(world, browser, inside)
    assert (await agree(world))[0] == {(inside, 1)}
    await join(world, inside, both)
    assert await agree(world) == ({(both, 1), (both, 2)}, {1: 1, 2: 1}, {1: 1, 2: 1})
    async with world.store.write() as conn:
        await separate(conn, world.store.fields.table, inside, now_micros(world.clock))
    for lead in (inside, both):
        await world.event(lead, "lead_merged", None)
    await world.settle()
    assert await agree(world) == ({(inside, 1)}, {1: 1}, {1: 2, 2: 1})


async def join(world: World, source: int, target: int) -> None:
    async with world.store.write() as conn:
        await merge(conn, world.store.fields.table, [(source, target)], now_micros(world.clock))
    await world.event(target, "lead_merged", None)
    await world.settle()


async def test_a_message_of_another_campaign_does_not_count_as_one_of_its_own(
    world: World,
) -> None:
    read = Goal(
        "A",
        "Achat",
        "A/lu",
        (Trigger(HERE, on=EventPattern("custom", "Achat")),),
        Duration(days=3),
        own=True,
    )
    await world.publish(campaign("A"), goals=[read])
    one, two, three = await enter(world, count=3)
    for lead, key in ((one, "9.1.1.1.0.12"), (two, "1.2.1.1.0.1"), (three, None)):
        said = {"message": key} if key else None
        await world.event(lead, "custom", "Achat", properties=said)
    await world.settle()
    assert (await kept(world))[0] == {(one, 1), (three, 1)}


async def test_a_goal_that_goes_counts_no_more_and_one_that_comes_back_counts_all(
    world: World,
) -> None:
    await world.publish(campaign("A"), goals=[goal("A")])
    (lead,) = await enter(world)
    await world.publish(campaign("A"))
    await does(world, lead, "Achat")
    assert (await kept(world))[0] == set()
    await world.publish(campaign("A"), goals=[goal("A")])
    await world.settle()
    assert (await agree(world))[0] == {(lead, 1)}


@pytest.mark.parametrize("ends", [None, date(2026, 1, 6)])
async def test_another_end_of_one_campaign_has_those_of_the_same_goal_counted_anew(
    ends: date | None, world: World
) -> None:
    """The one that ended leaves what happens to the others."""
    shared = [goal("A", days=30), goal("B", days=30)]
    long = replace(REST, wait=WaitFor(Duration(days=20)))
    over, running = date(2026, 1, 6), None
    lead = await world.lead()
    found = {}
    for end in (ends, running if ends else over):
        second = program(long, name="B", entries=(on("form_submitted", "B"),), ends=end)
        await world.publish(campaign("A"), second, goals=shared)
        await world.settle()
        if not found:
            await world.event(lead, "form_submitted", "A")
            await world.event(lead, "form_submitted", "B")
            await world.settle()
            await world.later(days=3)
            await world.later(days=7)
            await does(world, lead, "Achat")
        found[end] = (await agree(world))[0]
    assert found == {running: {(lead, 2)}, over: {(lead, 1), (lead, 2)}}


#: Where one has the same goal as another, or ends, or lets nobody stay.
CAMPAIGNS = (
    campaign("A", reentry=Reentry.AFTER_EXIT),
    campaign("B", exits=(ExitRule(Exit.SUPPRESSED, on("custom", "stop")),)),
    campaign("C", exits=(ExitRule(Exit.SUCCESS, on("custom", "Achat")),)),
    campaign("D", starts=date(2026, 1, 1), ends=date(2026, 3, 6)),
)


def goals(days: Sequence[int]) -> list[Goal]:
    return [
        *(goal(name, days=window) for name, window in zip("ABCD", days, strict=True)),
        goal("A", "Avis", days=days[0]),
        goal("B", "Avis", days=days[1]),
    ]


@pytest.mark.parametrize("seed", [3, 8])
async def test_what_is_kept_is_what_a_recount_finds_whatever_happens(
    seed: int, world: World
) -> None:
    dice = Random(seed)
    await world.publish(*CAMPAIGNS, goals=goals((3, 1, 0, 2)))
    leads = [await world.lead() for _ in range(6)]
    gone: list[int] = []
    for _ in range(70):
        lead = dice.choice([one for one in leads if one not in gone])
        match dice.choice("eeeeeeeeddddddddddlllwmmsa"):
            case "e":
                await world.event(lead, "form_submitted", dice.choice("ABCD"))
            case "d":
                await world.event(lead, "custom", dice.choice(("Achat", "Avis", "stop")))
            case "l":
                await world.later(hours=dice.choice((1, 20, 60)))
            case "w":
                await world.publish(*CAMPAIGNS, goals=goals([dice.randint(0, 5) for _ in "ABCD"]))
            case "m":
                other = dice.choice([one for one in leads if one not in gone and one != lead])
                if len(gone) < 4:
                    gone.append(other)
                    await join(world, other, lead)
            case "s" if gone:
                await part(world, gone.pop())
            case "a":
                state = dice.choice((CampaignChange.PAUSED, CampaignChange.RESUMED))
                if dice.random() < 0.3:
                    await decided(world, dice.choice("AB"), state)
        if dice.random() < 0.5:
            await world.settle()
    await world.later(days=1)
    found = await agree(world)
    assert len(found[0]) > 4
    assert sum(found[1].values()) == len(found[0])


async def part(world: World, source: int) -> None:
    """Make it two again."""
    async with world.store.write() as conn:
        target = await separate(conn, world.store.fields.table, source, now_micros(world.clock))
    for lead in (source, target):
        await world.event(lead, "lead_merged", None)
    await world.settle()
