"""« répartir … selon l’objectif »: those who come follow what the others came to, each once for all."""

from dataclasses import replace

import pytest

from dsl.program import END, Pause, Program, Reentry, Share, Split
from relance.values import Duration
from relance.waits import WaitFor
from server.engine.experiments import allotting
from server.engine.experiments.allotting import WHOLE, allotted
from server.engine.experiments.likelihood import Outcome
from tests.engine.experiments.test_experiments import NAMED, read
from tests.engine.goals.test_goals import does, enter, goal
from tests.engine.world import HERE, World, on, program

MAIN = replace(goal("A"), main=True)


def following(floor: int = 500) -> Program:
    shares = (Share("Question", 5_000, 1), Share("Promesse", WHOLE, 1))
    rest = Pause("p", HERE, WaitFor(Duration(days=2)), END)
    return program(
        Split("s", NAMED, "A/objet", shares, floor),
        rest,
        name="A",
        entries=(on("form_submitted", "A"),),
        reentry=Reentry.AFTER_EXIT,
    )


async def shares_of(world: World, leads: list[int]) -> dict[int, list[int]]:
    """Of each lead, the shares it was found in."""
    return {
        lead: [row.branch for row in await world.journal(lead) if row.kind == "split"]
        for lead in leads
    }


async def test_those_who_come_go_where_the_goal_is_reached_and_nobody_moves(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allotting, "LEAST_LEADS", 5)
    await world.publish(following(), goals=[MAIN])
    first = await enter(world, count=24)
    drawn = await shares_of(world, first)
    assert {len(found) for found in drawn.values()} == {1}
    for lead, (share,) in drawn.items():
        if share == 1:
            await does(world, lead, "Achat")
    at_once = await enter(world, count=12)  # the parts are found anew each hour only
    assert sum(found == [1] for found in (await shares_of(world, at_once)).values()) < 11
    await world.later(hours=2)
    later = await enter(world, count=24)
    assert sum(found == [1] for found in (await shares_of(world, later)).values()) > 20
    (found,) = await read(world)
    assert found.parts[1] > 8_000
    await world.later(days=3)
    for lead in first[:6]:
        await world.event(lead, "form_submitted", "A")
    await world.settle()
    again = await shares_of(world, first[:6])
    assert again == {lead: drawn[lead] * 2 for lead in first[:6]}


def test_a_share_keeps_its_floor_and_parts_are_whole() -> None:
    outcomes = [Outcome(900, 20), Outcome(900, 180), Outcome(900, 90)]
    assert allotted(outcomes, 500, [1, 2, 3]) == [500, 9_000, 500]
    close = allotted([Outcome(200, 20), Outcome(200, 23), Outcome(200, 21)], 500, [1, 2, 3])
    assert sum(close) == WHOLE
    assert min(close) > 500
    assert close[1] == max(close)


def test_before_there_is_enough_to_compare_parts_are_as_written() -> None:
    assert allotted([Outcome(99, 0), Outcome(900, 800)], 500, [2_500, 7_500]) == [2_500, 7_500]
