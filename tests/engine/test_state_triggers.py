"""State triggers fire whenever their condition turns true, whatever made it so in the same tick."""

from dsl.program import END, Act, Trigger
from dsl.standing import PointRule
from relance.effects import Send
from relance.events import EventPattern
from relance.facts import All, Compare, Condition, Entered, Events, Happened, InList, Literal, Score
from relance.values import Change, Comparator
from tests.engine.test_lists import members
from tests.engine.world import HERE, World, on, program

SEEN = Happened(Events(EventPattern("page_visited", "/prix")))


def when(condition: Condition) -> Trigger:
    return Trigger(HERE, condition=condition)


def above(number: int) -> Condition:
    return Compare(Score(), Comparator.GREATER, Literal(number))


def sends(message: str) -> Act:
    return Act(message, HERE, (Send("email", message),), END)


def gives(amount: int, trigger: Trigger) -> PointRule:
    return PointRule(f"{amount}", None, Change(amount), trigger)


async def visits(world: World) -> int:
    lead = await world.lead()
    await world.event(lead, "page_visited", "/prix")
    await world.settle()
    return lead


async def test_a_rule_sees_what_a_later_one_gave_for_the_same_event(world: World) -> None:
    first = gives(10, when(All((above(50), SEEN))))
    await world.publish(points=(first, gives(60, on("page_visited", "/prix"))))
    assert await world.value(await visits(world), "score") == 70


async def test_a_campaign_sees_who_entered_another_by_the_same_event(world: World) -> None:
    first = program(sends("a"), name="A", entries=(on("page_visited", "/prix"),))
    other = program(sends("b"), name="B", entries=(when(All((Entered("A"), SEEN))),))
    await world.publish(first, other)
    assert sorted(await world.sent(await visits(world))) == ["a", "b"]


async def test_entering_a_campaign_gives_points_though_no_campaign_asks(world: World) -> None:
    visited = program(sends("a"), name="A", entries=(on("page_visited", "/prix"),))
    rules = (gives(5, when(Entered("A"))), gives(7, on("campaign_entered", "A")))
    await world.publish(visited, points=rules)
    assert await world.value(await visits(world), "score") == 12


async def test_an_event_that_waits_while_a_list_is_built_again_is_still_answered(
    world: World,
) -> None:
    """What waits has not happened yet: it cannot be among what held already."""
    campaign = program(sends("a"), entries=(when(All((InList("Riches"), SEEN))),))
    await world.publish(campaign, lists={"Riches": above(50)})
    lead = await world.lead(score=60)
    await world.event(lead, "score_changed", None)
    await world.settle()
    await world.event(lead, "page_visited", "/prix")
    await world.publish(campaign, lists={"Riches": above(40)})
    await world.settle()
    assert await members(world, "riches") == [lead]
    assert await world.sent(lead) == ["a"]


async def test_an_event_that_waits_while_a_campaign_is_corrected_is_still_answered(
    world: World,
) -> None:
    await world.publish(program(sends("a"), entries=(when(SEEN),)))
    lead = await world.lead()
    await world.event(lead, "page_visited", "/prix")
    await world.publish(program(sends("b"), entries=(when(SEEN),)))
    await world.settle()
    assert await world.sent(lead) == ["b"]
