"""Who never enters, and who leaves as soon as a condition of the head turns true."""

from dsl.program import END, Act, Exit, ExitRule, Pause, Place, Program, Reentry, Trigger
from relance.effects import Send
from relance.facts import Compare, Leaf, Literal, Score
from relance.said import Said
from relance.values import Comparator, Duration
from relance.waits import WaitFor
from server.reports.glossary import BARE
from server.reports.timeline import timeline
from tests.engine.world import HERE, World, happened, program

REST = Pause("p", HERE, WaitFor(Duration(days=2)), 1)
HELLO = Act("a", HERE, (Send("email", "bonjour"),), END)
RICH = Trigger(
    Place(1, Said("riche")),
    condition=Leaf(Said("riche"), Compare(Score(), Comparator.GREATER, Literal(50))),
)
POOR = Trigger(HERE, condition=Leaf(Said("pauvre"), Compare(Score(), Comparator.LESS, Literal(10))))
TWICE = Trigger(HERE, condition=happened("custom", "Plainte", times=2))


def barring(**given: object) -> Program:
    return program(REST, HELLO, **{"reentry": Reentry.AFTER_EXIT, **given})


def suppressing(trigger: Trigger) -> tuple[ExitRule, ...]:
    return (ExitRule(Exit.SUPPRESSED, trigger),)


async def test_who_is_excluded_is_refused_for_that_and_enters_once_it_is_over(
    world: World,
) -> None:
    await world.publish(barring(exclusions=(RICH,)))
    lead = await world.lead(score=60)
    await world.event(lead)
    await world.settle()
    assert (await world.enrolments(lead), await world.refusals(lead)) == ([], ["excluded"])
    line = (await timeline(world.store, lead, BARE))[-1]
    assert (line.text, line.reason, line.details) == (
        "N’entre pas dans la campagne «\u00a0Essai\u00a0»",
        "la campagne l’exclut (exclusion)",
        ("riche",),
    )
    await world.set(lead, score=5)
    await world.event(lead)
    await world.settle()
    assert [row.entry for row in await world.enrolments(lead)] == [1]


async def test_who_becomes_excluded_inside_goes_on(world: World) -> None:
    await world.publish(barring(exclusions=(RICH,)))
    lead = await world.lead(score=5)
    await world.event(lead)
    await world.settle()
    await world.set(lead, score=60)
    await world.event(lead)
    await world.settle()
    assert await world.refusals(lead) == ["already_in"]
    await world.later(days=2)
    assert await world.sent(lead) == ["bonjour"]


async def test_who_is_suppressed_leaves_at_once_and_comes_back_no_more(world: World) -> None:
    await world.publish(barring(exits=suppressing(TWICE)))
    lead = await world.lead()
    await world.event(lead)
    await world.event(lead, "custom", "Plainte")
    await world.settle()
    assert [row.active for row in await world.enrolments(lead)] == [True]
    await world.event(lead, "custom", "Plainte")
    await world.event(lead)
    await world.settle()
    assert [row.outcome for row in await world.enrolments(lead)] == ["suppressed"]
    assert await world.refusals(lead) == ["suppressed"]
    await world.later(days=3)
    assert await world.sent(lead) == []


async def test_what_waits_to_be_sent_to_who_is_suppressed_is_taken_back(world: World) -> None:
    both = Act("a", HERE, (Send("email", "bonjour"),), 1)
    after = Pause("p", HERE, WaitFor(Duration(days=2)), END)
    await world.publish(program(both, after, exits=suppressing(TWICE)))
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    for _ in range(2):
        await world.event(lead, "custom", "Plainte")
    await world.settle()
    assert (await world.sent(lead), await world.sent_ever(lead)) == ([], ["bonjour"])


async def test_a_state_that_holds_lets_in_no_one_who_is_barred_and_says_why(world: World) -> None:
    left = await world.lead(score=5)
    gone = await world.lead(score=5)
    for _ in range(2):
        await world.event(gone, "custom", "Plainte")
    await world.settle()
    await world.publish(
        barring(entries=(POOR,), exits=suppressing(TWICE), name="A"),
        barring(entries=(POOR,), exclusions=(TWICE,), name="B"),
    )
    await world.settle()
    assert [row.campaign_id for row in await world.enrolments(left)] == [1, 2]
    assert await world.enrolments(gone) == []
    assert sorted(await world.refusals(gone)) == ["excluded", "suppressed"]
