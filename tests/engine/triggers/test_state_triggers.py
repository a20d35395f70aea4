"""State triggers fire whenever their condition turns true, whatever made it so in the same tick."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from dsl.program import END, Act, Exit, ExitRule, Pause, Trigger
from dsl.rules import PointRule
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
from server.store.schema.campaigns import edges, flips, notings
from tests.engine.lists.test_lists import members
from tests.engine.world import HERE, World, on, program

UTC_ZONE = ZoneInfo("UTC")
BORN = Field("date de naissance")
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


async def test_a_condition_is_noted_part_by_part_before_any_event(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped midway, it goes on where it had got to; what waits or comes meanwhile is answered."""
    monkeypatch.setattr("server.engine.parts.PART", 2)
    leads = [await visits(world) for _ in range(6)]
    waiting = await world.lead()
    await world.event(waiting, "page_visited", "/prix")
    late = await world.lead()
    await world.publish(program(sends("a"), entries=(when(SEEN),)), points=(gives(5, when(SEEN)),))
    await world.event(late, "page_visited", "/prix")
    (row, other) = await world.rows(select(notings).order_by(notings.c.owner))
    assert (row.noted_to, other.noted_to) == (leads[1], 0)
    await world.engine.tick()
    assert {row.lead_id for row in await world.rows(select(edges))} == set(leads[:4])
    world.engine = Engine(world.store, world.clock, zone=UTC_ZONE)
    await world.settle()
    sent = [await world.sent(lead) for lead in (*leads, waiting, late)]
    given = [lead for lead in (*leads, waiting, late) if await world.value(lead, "score")]
    assert given == [waiting, late]
    assert sent == [["a"]] * 8
    assert len(await world.rows(select(edges))) == 16
    assert await world.rows(select(notings)) == []


async def test_who_comes_while_a_condition_is_noted_is_let_in_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.engine.parts.PART", 2)
    adult = Compare(Age(BORN), Comparator.AT_LEAST, Literal(18))
    born = {BORN.name: date(1990, 3, 10)}
    known = [await world.lead(**born) for _ in range(5)]
    await world.publish(program(sends("a"), entries=(when(adult),)))
    new = await world.lead(**born)
    await world.event(new, "lead_updated", BORN.name)
    await world.settle()
    assert [await world.sent(lead) for lead in (*known, new)] == [["a"]] * 6


async def test_time_goes_on_while_a_condition_is_noted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is noted as of its publication: what turned true since then still does."""
    monkeypatch.setattr("server.engine.parts.PART", 1)
    adult = Compare(Age(BORN), Comparator.AT_LEAST, Literal(18))
    old, young = [
        await world.lead(**{BORN.name: day}) for day in (date(1990, 3, 10), date(2008, 1, 2))
    ]
    await world.publish(points=(gives(5, when(adult)),))
    world.clock.set(datetime(2026, 1, 4, tzinfo=UTC))
    world.engine = Engine(world.store, world.clock, zone=UTC_ZONE)
    await world.settle()
    assert (await world.value(old, "score"), await world.value(young, "score")) == (0, 5)


async def test_a_trigger_that_cannot_be_noted_is_set_aside_and_the_others_are(
    world: World,
) -> None:
    broken = Compare(Field("inconnu"), Comparator.AT_LEAST, Literal(1))
    lead = await world.lead()
    await world.publish(
        program(sends("a"), name="A", entries=(when(broken),)),
        program(sends("b"), name="B", entries=(when(SEEN),)),
        points=(gives(3, when(broken)), gives(5, when(SEEN))),
    )
    await world.event(lead, "page_visited", "/prix")
    await world.settle()
    assert await world.sent(lead) == ["b"]
    assert await world.value(lead, "score") == 5
    assert list(world.engine.quarantine) == [1]
    assert len(world.engine.stopped_rules) == 1


async def test_what_is_to_be_noted_is_forgotten_with_its_campaign_and_its_rule(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.engine.parts.PART", 1)
    for _ in range(3):
        await world.lead()
    await world.publish(program(sends("a"), entries=(when(SEEN),)), points=(gives(5, when(SEEN)),))
    await world.publish()
    assert await world.rows(select(notings)) == []
    await world.settle()
