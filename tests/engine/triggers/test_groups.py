"""Exclusive groups: a lead is in one campaign of a group at most, the first that lets in."""

from typing import Any

import pytest

from dsl.program import END, Act, Exit, ExitRule, Pause, Program, Reentry, Trigger
from relance.effects import Send
from relance.facts import Compare, Leaf, Literal, Score
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Comparator, Duration
from relance.waits import WaitFor
from server.engine.life.state import CampaignChange
from server.reports.glossary import BARE
from server.reports.timeline import timeline
from server.store.store import Store
from tests.engine.life.test_states import decided
from tests.engine.world import HERE, World, on, program

REST = Pause("p", HERE, WaitFor(Duration(days=2)), 1)
RICH = Trigger(
    HERE, condition=Leaf(Said("riche"), Compare(Score(), Comparator.GREATER, Literal(50)))
)
FORM = on("form_submitted", "Essai")


def one(name: str, priority: int, group: str | None = "Ventes", **given: Any) -> Program:
    hello = Act("a", HERE, (Send("email", name),), END)
    statements = given.pop("statements", (REST, hello))
    within = {"group": group, "priority": priority if group else 0}
    return program(*statements, **{"name": name, **within, **given})


async def enter(world: World, score: int = 0) -> int:
    lead = await world.lead(score=score)
    await world.event(lead)
    await world.settle()
    return lead


async def inside(world: World, lead: int) -> list[int]:
    return [row.campaign_id for row in await world.enrolments(lead) if row.active]


@pytest.mark.parametrize(
    ("priorities", "first"), [((2, 1, 3), 2), ((3, 2, 1), 3), ((1, 1, 1), 1), ((2, 1, 1), 2)]
)
async def test_of_those_that_let_in_at_once_the_smallest_priority_does_then_the_name(
    world: World, priorities: tuple[int, ...], first: int
) -> None:
    await world.publish(*(one(n, p) for n, p in zip("ABC", priorities, strict=True)))
    lead = await enter(world)
    assert await inside(world, lead) == [first]
    assert await world.refusals(lead) == ["in_group"] * 2


async def test_who_is_in_one_is_refused_elsewhere_and_told_for_which(world: World) -> None:
    await world.publish(
        one("A", 2),
        one("B", 1, entries=(on("custom", "B"),)),
        one("C", 1, group="Autre"),
        one("D", 1, None),
    )
    lead = await enter(world)
    assert await inside(world, lead) == [1, 3, 4]
    await world.event(lead, "custom", "B")
    await world.settle()
    assert await inside(world, lead) == [1, 3, 4]
    refused = [line for line in await timeline(world.store, lead, BARE) if line.kind == "refusal"]
    assert [(line.campaign, line.reason) for line in refused] == [
        ("B", "il était dans la campagne «\u00a0A\u00a0», du même groupe exclusif")
    ]
    await world.later(days=2)
    await world.event(lead, "custom", "B")
    await world.settle()
    assert await inside(world, lead) == [2]


async def test_who_leaves_one_by_an_event_may_enter_another_by_it(world: World) -> None:
    bye = ExitRule(Exit.SUCCESS, on("custom", "B"))
    await world.publish(one("A", 1, exits=(bye,)), one("B", 2, entries=(on("custom", "B"),)))
    lead = await enter(world)
    await world.event(lead, "custom", "B")
    await world.settle()
    assert await inside(world, lead) == [2]


async def test_who_leaves_enters_at_once_the_first_that_a_state_opens(world: World) -> None:
    by_state = {"entries": (RICH,)}
    await world.publish(
        one("A", 1, reentry=Reentry.NEVER), one("B", 3, **by_state), one("C", 2, **by_state)
    )
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    await world.set(lead, score=60)
    await world.event(lead, "score_changed", None)
    await world.settle()
    assert await inside(world, lead) == [1]
    await world.later(days=2)
    assert await inside(world, lead) == [3]
    await world.later(days=2)
    assert await inside(world, lead) == [2]
    await world.later(days=2)
    assert await inside(world, lead) == []
    assert await world.sent(lead) == ["A", "C", "B"]


@pytest.mark.parametrize(
    ("reentry", "entries"), [(Reentry.NEVER, 1), (Reentry.AFTER_EXIT, 3), (Reentry.AFTER_DELAY, 2)]
)
async def test_a_campaign_left_is_entered_again_only_if_its_reentry_allows(
    world: World, reentry: Reentry, entries: int
) -> None:
    given = {"reentry": reentry, "reentry_delay": Duration(days=3)}
    second = {"entries": (on("custom", "B"),)}
    lead = await world.lead(score=60)
    await world.publish(one("A", 1, entries=(RICH,), **given), one("B", 2, **second))
    await world.settle()
    await world.later(days=2)
    await world.event(lead, "custom", "B")
    await world.settle()
    await world.later(days=2)
    own = [row for row in await world.enrolments(lead) if row.campaign_id == 1]
    assert len(own) == entries


async def test_campaigns_where_nobody_waits_do_not_send_a_lead_round(world: World) -> None:
    hello = Act("a", HERE, (Send("email", "bonjour"),), END)
    given = {"statements": (hello,), "entries": (RICH,), "reentry": Reentry.AFTER_EXIT}
    lead = await world.lead(score=60)
    await world.publish(one("A", 1, **given), one("B", 2, **given))
    await world.settle()
    assert [row.campaign_id for row in await world.enrolments(lead)] == [1, 2]


async def test_a_first_publication_takes_those_there_into_the_first(world: World) -> None:
    leads = [await world.lead(score=60) for _ in range(5)]
    await world.publish(one("A", 2, entries=(RICH,)), one("B", 1, entries=(RICH,)))
    await world.settle()
    assert [await inside(world, lead) for lead in leads] == [[2]] * 5


async def test_what_recurs_at_one_time_lets_in_by_the_first(world: World) -> None:
    daily = Trigger(HERE, schedule="0 9 * * *")
    leads = [await world.lead() for _ in range(5)]
    await world.publish(one("A", 2, entries=(daily,)), one("B", 1, entries=(daily,)))
    await world.later(days=1)
    assert [await inside(world, lead) for lead in leads] == [[2]] * 5


async def test_a_crowd_that_comes_in_parts_is_let_into_the_first(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock, limit=2)
    some = Trigger(HERE, schedule="0 9 * * *", condition=RICH.condition)
    every = Trigger(HERE, schedule="0 9 * * *")
    leads = [await world.lead(score=score) for score in (60, 0, 60, 0, 60)]
    await world.publish(one("A", 2, entries=(some,)), one("B", 1, entries=(every,)))
    await world.later(days=1)
    assert [await inside(world, lead) for lead in leads] == [[2]] * 5


async def test_a_paused_campaign_frees_its_leads_who_may_then_be_in_two(world: World) -> None:
    await world.publish(one("A", 1), one("B", 2, entries=(on("custom", "B"),)))
    lead = await enter(world)
    await decided(world, "A", CampaignChange.PAUSED)
    await world.event(lead, "custom", "B")
    await world.settle()
    assert await inside(world, lead) == [1, 2]
    await world.event(await world.lead(), "custom", "B")
    await world.settle()
    assert await world.refusals(lead) == []
