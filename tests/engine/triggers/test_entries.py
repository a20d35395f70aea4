from datetime import UTC, date, datetime, timedelta

import pytest

from dsl.program import END, Act, Await, Branch, Exit, ExitRule, Pause, Reentry, Trigger
from relance.effects import Send
from relance.facts import Compare, Entered, Field, Leaf, Literal, Score
from relance.said import Said
from relance.values import Comparator, Duration
from relance.waits import WaitFor
from tests.engine.world import HERE, World, heard, on, program

HELLO = Act("a", HERE, (Send("email", "bonjour"),), END)
REST = Pause("p", HERE, WaitFor(Duration(days=2)), END)
RICH = Leaf(Said("pointage"), Compare(Score(), Comparator.GREATER, Literal(50)))
TURNS_RICH = Trigger(HERE, condition=RICH)


async def enter(world: World, lead: int, times: int = 1) -> None:
    for _ in range(times):
        await world.event(lead)
        await world.settle()


async def test_a_lead_already_in_is_refused_with_the_reason(world: World) -> None:
    await world.publish(program(REST, reentry=Reentry.AFTER_EXIT))
    lead = await world.lead()
    await enter(world, lead, 2)
    assert await world.refusals(lead) == ["already_in"]
    await world.later(days=2)
    await enter(world, lead)
    assert [row.entry for row in await world.enrolments(lead)] == [1, 2]


async def test_who_came_in_once_comes_in_no_more_by_default(world: World) -> None:
    await world.publish(program(HELLO))
    lead = await world.lead()
    await enter(world, lead, 3)
    assert await world.sent(lead) == ["bonjour"]
    assert await world.refusals(lead) == ["once_only"]


async def test_reentry_waits_for_its_delay_since_the_last_entry(world: World) -> None:
    delay = {"reentry": Reentry.AFTER_DELAY, "reentry_delay": Duration(days=30)}
    await world.publish(program(HELLO, **delay))
    lead = await world.lead()
    await enter(world, lead)
    await world.later(days=29, hours=23)
    await enter(world, lead)
    assert await world.refusals(lead) == ["too_soon"]
    await world.later(hours=1)
    await enter(world, lead)
    assert await world.sent(lead) == ["bonjour", "bonjour"]


async def test_two_triggers_for_one_event_let_in_once(world: World) -> None:
    await world.publish(program(HELLO, entries=(on("form_submitted"), on("form_submitted", "Es*"))))
    lead = await world.lead()
    await enter(world, lead)
    assert await world.sent(lead) == ["bonjour"]


async def test_the_trigger_and_its_condition_must_both_hold(world: World) -> None:
    here = Leaf(Said("ville"), Compare(Field("ville"), Comparator.EQUAL, Literal("Laval")))
    await world.publish(program(HELLO, entries=(on("form_submitted", "Essai", condition=here),)))
    yes, no = await world.lead(ville="LAVAL"), await world.lead(ville="Gaspé")
    for lead in (yes, no):
        await enter(world, lead)
    await world.event(yes, "form_submitted", "Autre")
    await world.settle()
    assert (await world.sent(yes), await world.sent(no)) == (["bonjour"], [])
    assert (await world.journal(yes))[0].leaves.replace(" ", "") == '[[1,"LAVAL"]]'


async def test_the_time_limit_takes_out_whatever_the_lead_does(world: World) -> None:
    waiting = Await("a", HERE, (Branch(HERE, heard("custom", "x"), END),), None, END, ("custom",))
    await world.publish(program(waiting, timeout=Duration(days=30), ends=date(2026, 12, 31)))
    lead = await world.lead()
    await enter(world, lead)
    assert world.wakes() == world.clock.now() + timedelta(days=30)
    await world.later(days=30)
    assert await world.outcomes(lead) == ["timeout"]
    assert await world.subscriptions() == 0
    assert (await world.journal(lead))[-1].cause == "time"


async def test_an_event_can_take_out_and_let_in_again(world: World) -> None:
    again = {
        "reentry": Reentry.AFTER_EXIT,
        "exits": (ExitRule(Exit.SUCCESS, on("form_submitted")),),
    }
    await world.publish(program(REST, **again))
    lead = await world.lead()
    await enter(world, lead, 2)
    assert await world.outcomes(lead) == ["success", None]


async def test_a_state_lets_in_when_it_turns_true_and_not_at_each_event_while_it_is(
    world: World,
) -> None:
    rich, poor = await world.lead(score=80), await world.lead(score=10)
    await world.publish(program(HELLO, entries=(TURNS_RICH,), reentry=Reentry.AFTER_EXIT))
    for lead in (rich, poor):
        await world.event(lead, "score_changed", None)
    await world.settle()
    assert (await world.sent(rich), await world.sent(poor)) == (["bonjour"], [])
    for score, sent in ((60, 1), (70, 1), (40, 1), (60, 2)):
        await world.set(poor, score=score)
        await world.event(poor, "score_changed", None)
        await world.settle()
        assert len(await world.sent(poor)) == sent


async def test_a_state_can_take_out(world: World) -> None:
    await world.publish(program(REST, exits=(ExitRule(Exit.SUCCESS, TURNS_RICH),)))
    lead = await world.lead()
    await enter(world, lead)
    await world.set(lead, score=60)
    await world.event(lead, "score_changed", None)
    await world.settle()
    assert await world.outcomes(lead) == ["success"]


async def test_only_events_that_happened_before_are_seen(world: World) -> None:
    """An event behind in the queue has not happened yet for the one being handled."""
    late = Leaf(Said("x"), heard("custom", "x").condition)
    waits = Await("a", HERE, (Branch(HERE, late, 1),), None, END, ("custom",))
    leaving = (ExitRule(Exit.SUCCESS, on("custom", "x")),)
    await world.publish(program(waits, HELLO, exits=leaving))
    lead = await world.lead()
    await world.event(lead)
    await world.event(lead, "custom", "x")
    await world.settle()
    assert (await world.sent(lead), await world.outcomes(lead)) == ([], ["success"])


@pytest.mark.parametrize("after", [0, 1])
async def test_a_recurrence_lets_in_all_who_qualify(world: World, after: int) -> None:
    weekly = Trigger(HERE, condition=RICH, schedule="0 9 * * 1")
    await world.publish(program(HELLO, entries=(weekly,), reentry=Reentry.AFTER_EXIT))
    rich, poor = await world.lead(score=80), await world.lead(score=10)
    await world.settle()
    assert world.wakes() == datetime(2026, 1, 5, 9, tzinfo=UTC)
    world.clock.set(datetime(2026, 1, 5, 9, after, tzinfo=UTC))
    await world.settle()
    assert (await world.sent(rich), await world.sent(poor)) == (["bonjour"], [])
    entered = (await world.journal(rich))[0]
    assert (entered.cause, entered.leaves.replace(" ", "")) == ("time", "[[1,80]]")
    await world.later(days=7)
    assert len(await world.sent(rich)) == 2


async def test_a_recurrence_missed_by_days_is_not_made_up_for(world: World) -> None:
    daily = Trigger(HERE, schedule="0 9 * * *")
    await world.publish(program(HELLO, entries=(daily,), reentry=Reentry.AFTER_EXIT))
    lead = await world.lead()
    world.clock.set(datetime(2026, 1, 10, 8, tzinfo=UTC))
    await world.settle()
    assert await world.sent(lead) == []
    assert world.wakes() == datetime(2026, 1, 10, 9, tzinfo=UTC)


async def test_a_state_may_speak_of_other_campaigns(world: World) -> None:
    """What holds at publication is looked at before any tick has made its tables."""
    touched = Leaf(Said("touché"), Entered("Première"))
    turn = Trigger(HERE, condition=touched)
    first = program(HELLO, name="Première")
    second = program(HELLO, name="Seconde", entries=(turn,))
    await world.publish(first, second)
    lead = await world.lead()
    await enter(world, lead)
    await world.event(lead, "custom", None)
    await world.settle()
    assert await world.sent(lead) == ["bonjour", "bonjour"]
