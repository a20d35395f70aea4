"""State triggers fire whenever their condition turns true, whatever made it so in the same tick."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dsl.program import END, Act, Exit, ExitRule, Pause, Trigger
from dsl.standing import PointRule
from relance.effects import Send
from relance.events import EventPattern
from relance.facts import (
    Age,
    All,
    Compare,
    Condition,
    Entered,
    Events,
    Field,
    Happened,
    InList,
    Literal,
    Score,
)
from relance.values import Change, Comparator, Duration
from relance.waits import WaitFor
from server.engine.engine import Engine
from server.store.tables import edges, flips
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


async def test_a_server_moved_to_another_zone_has_its_days_begin_there(world: World) -> None:
    """Of lists, of campaigns that name no zone and of rules, for leads nothing happens to."""
    adult = Compare(Age(Field("date de naissance")), Comparator.AT_LEAST, Literal(18))
    campaign = program(sends("a"), zone=None, entries=(when(adult),))
    project = {"lists": {"Majeurs": adult}, "points": (gives(5, when(adult)),)}
    await world.publish(campaign, **project)
    lead = await world.lead(**{"date de naissance": date(2008, 3, 10)})
    await world.event(lead, "lead_updated", "date de naissance")
    await world.settle()
    world.engine = Engine(world.store, world.clock, zone=ZoneInfo("Europe/Paris"))
    await world.publish(campaign, **project)
    await world.settle()
    world.clock.set(datetime(2026, 3, 9, 22, 59, tzinfo=UTC))
    await world.settle()
    assert await members(world, "majeurs") == []
    await world.later(minutes=1)
    assert await members(world, "majeurs") == [lead]
    assert await world.sent(lead) == ["a"]
    assert await world.value(lead, "score") == 5


async def test_exits_of_a_campaign_that_comes_back_see_time_pass_again(world: World) -> None:
    """While it was away with nobody inside, nobody looked at the clock for it."""
    adult = Compare(Age(Field("date de naissance")), Comparator.AT_LEAST, Literal(18))
    pause = Pause("p", HERE, WaitFor(Duration(days=90)), END)
    campaign = program(
        pause, entries=(on("custom", "go"),), exits=(ExitRule(Exit.SUCCESS, when(adult)),)
    )
    await world.publish(campaign)
    leads = []
    for day in (date(2008, 1, 10), date(2008, 2, 10)):
        leads.append(await world.lead(**{"date de naissance": day}))
        await world.event(leads[-1], "lead_updated", "date de naissance")
    await world.settle()
    await world.publish()
    world.clock.set(datetime(2026, 1, 20, tzinfo=UTC))
    await world.settle()
    await world.publish(campaign)
    await world.event(leads[1], "custom", "go")
    await world.settle()
    assert await world.outcomes(leads[1]) == [None]
    world.clock.set(datetime(2026, 2, 10, tzinfo=UTC))
    await world.settle()
    assert await world.outcomes(leads[1]) == ["success"]


async def test_nothing_is_kept_of_versions_that_were_replaced(world: World) -> None:
    adult = Compare(Age(Field("date de naissance")), Comparator.AT_LEAST, Literal(18))
    born = "date de naissance"
    lead = await world.lead(**{born: date(2008, 6, 1)})
    old = await world.lead(**{born: date(1990, 6, 1)})
    for message in ("a", "b"):
        await world.publish(program(sends(message), entries=(when(adult),)))
    assert [row.owner for row in await world.rows(select(flips))] == [2]
    noted = await world.rows(select(edges))
    assert [(row.lead_id, row.version_id) for row in noted] == [(old, 2)]
    world.clock.set(datetime(2026, 6, 1, tzinfo=UTC))
    await world.settle()
    assert await world.sent(lead) == ["b"]
