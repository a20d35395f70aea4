"""A crowd let in by the calendar comes in parts, each lead once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from dsl.program import END, Act, Program, Reentry, Trigger
from relance.effects import Send
from relance.facts import Compare, Field, Leaf, Literal, MinutesSince, Score
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Comparator
from server.engine.engine import Engine
from server.store.schema.campaigns import schedules
from server.store.store import Store
from tests.engine.effects.test_rewriting import counted
from tests.engine.world import HERE, UTC, World, program

RICH = Leaf(Said("riche"), Compare(Score(), Comparator.AT_LEAST, Literal(50)))


def daily(**given: Any) -> Program:
    trigger = Trigger(HERE, condition=RICH, schedule="0 9 * * *")
    act = Act("a", HERE, (Send("email", "un"),), END)
    return program(act, entries=(trigger,), reentry=Reentry.AFTER_EXIT, **given)


async def crowd(world: World) -> list[int]:
    return [await world.lead(score=60) for _ in range(7)]


@pytest.mark.parametrize("limit", [3, 7, 8])
async def test_a_crowd_enters_each_once_whatever_the_size_of_the_parts(
    store: Store, clock: VirtualClock, limit: int
) -> None:
    world = World(store, clock, limit=limit)
    await world.publish(daily())
    leads = await crowd(world)
    poor = await world.lead(score=1)
    await world.later(hours=9)
    assert [len(await world.enrolments(lead)) for lead in leads] == [1] * 7
    assert await world.enrolments(poor) == []
    await world.later(days=1)
    assert [len(await world.enrolments(lead)) for lead in leads] == [2] * 7


async def test_a_crowd_half_let_in_goes_on_after_a_crash_without_beginning_again(
    store: Store, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(store, clock, limit=3)
    await world.publish(daily())
    leads = await crowd(world)
    clock.advance(hours=9)
    await world.engine.tick()

    async def fail(*_: object) -> None:
        raise OSError("no")

    with monkeypatch.context() as crash:
        crash.setattr(world.engine._work._pending, "done", fail)
        with pytest.raises(Exception, match="no"):
            await world.engine.tick()
    # Back two days later: too late to begin, not to end.
    clock.advance(days=2)
    world.engine = Engine(store, clock, zone=UTC, limit=3)
    await world.settle()
    assert [len(await world.enrolments(lead)) for lead in leads] == [1] * 7


async def test_those_whose_condition_time_turned_true_are_told_once_in_parts_too(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock, limit=2)
    await store.declare_fields([("visite", "date", ())])
    old = Compare(MinutesSince(Field("visite")), Comparator.AT_LEAST, Literal(2 * 1440))
    trigger = Trigger(HERE, condition=Leaf(Said("ancien"), old))
    act = Act("a", HERE, (Send("email", "un"),), END)
    await world.publish(program(act, entries=(trigger,), reentry=Reentry.AFTER_EXIT))
    today = clock.now().date()
    leads = [await world.lead(visite=today) for _ in range(5)]
    for lead in leads:
        await world.event(lead, "lead_updated", "visite")
    await world.settle()
    assert world.wakes() == clock.now() + timedelta(days=2)
    for _ in range(4):
        await world.later(days=1)
    assert [await world.sent(lead) for lead in leads] == [["un"]] * 5
    await world.set(leads[0], visite=clock.now().date())
    await world.event(leads[0], "lead_updated", "visite")
    for _ in range(4):
        await world.later(days=1)
    assert [await world.sent(lead) for lead in leads] == [["un", "un"]] + [["un"]] * 4


async def test_a_state_that_an_earlier_release_looked_at_each_night_is_no_more(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock)
    old = Compare(MinutesSince(Field("visite")), Comparator.AT_LEAST, Literal(2 * 1440))
    await store.declare_fields([("visite", "date", ())])
    act = Act("a", HERE, (Send("email", "un"),), END)
    await world.publish(program(act, entries=(Trigger(HERE, condition=Leaf(Said("ancien"), old)),)))
    async with store.write() as conn:
        await conn.execute(insert(schedules).values(version_id=1, trigger=0, due_at=0))
    await world.settle()
    assert await world.rows(select(schedules)) == []


async def test_a_day_on_which_nobody_qualifies_costs_neither_events_nor_enrolments(
    world: World, clock: VirtualClock
) -> None:
    await world.publish(daily())
    await world.lead(score=1)
    await world.later(hours=9)
    await world.later(days=1)  # the last that finds its tables used
    clock.advance(days=1)
    with counted() as statements:
        assert await world.engine.tick()
    assert [one for one in statements if "arrivals" in one or "batch" in one] == []
    rich = await world.lead(score=60)
    await world.later(days=1)
    assert len(await world.enrolments(rich)) == 1
