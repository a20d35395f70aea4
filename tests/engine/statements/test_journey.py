from datetime import timedelta

from dsl.program import END, Act, Await, Branch, Decide, Exit, ExitRule, Leave, Pause, Step
from relance.effects import Send
from relance.facts import Compare, Field, Leaf, Literal
from relance.said import Said
from relance.values import Comparator, Duration
from relance.waits import WaitFor
from tests.engine.world import HERE, World, heard, on, program

DAYS3 = Duration(days=3)


def send(message: str, next_: int) -> Act:
    return Act(message, HERE, (Send("email", message),), next_)


IN_PARIS = Leaf(Said("ville"), Compare(Field("ville"), Comparator.EQUAL, Literal("paris")))
JOURNEY = program(
    send("un", 1),
    Pause("p", HERE, WaitFor(DAYS3), 2),
    Decide("d", HERE, IN_PARIS, 3, 4),
    send("oui", END),
    send("non", END),
)


async def test_a_lead_goes_from_the_form_to_the_end(world: World) -> None:
    await world.publish(JOURNEY)
    paris = await world.lead(ville="Paris", courriel="a@exemple.ca")
    other = await world.lead()
    for lead in (paris, other):
        await world.event(lead)
    await world.settle()
    assert await world.moves(paris) == ["entered", "acted", "waited"]
    assert world.wakes() == world.clock.now() + timedelta(days=3)
    await world.later(days=3)
    assert await world.moves(paris) == [
        "entered", "acted", "waited", "resumed", "decided", "acted", "left",
    ]  # fmt: skip
    assert await world.sent(paris) == ["un", "oui"]
    assert await world.sent(other) == ["un", "non"]
    assert await world.outcomes(paris) == ["finished"]
    decided = (await world.journal(paris))[4]
    assert (decided.branch, decided.leaves.replace(" ", "")) == (1, '[[1,"Paris"]]')
    assert world.wakes() is None


async def test_ticking_again_changes_nothing(world: World) -> None:
    await world.publish(JOURNEY)
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    before = await world.journal(lead)
    assert not await world.engine.tick()
    assert await world.journal(lead) == before


WAITING = program(
    Await(
        "a", HERE, (Branch(HERE, heard("link_clicked", "Essai"), 1),), DAYS3, 2, ("link_clicked",)
    ),
    send("cliqué", END),
    send("rappel", END),
    exits=(ExitRule(Exit.SUCCESS, on("custom", "achat")),),
)


async def test_a_wait_ends_with_its_event(world: World) -> None:
    await world.publish(WAITING)
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await world.subscriptions() == 1
    await world.event(lead, "link_clicked", "Autre")
    await world.settle()
    assert await world.sent(lead) == []
    await world.event(lead, "link_clicked", "essai")
    await world.settle()
    assert await world.sent(lead) == ["cliqué"]
    assert await world.subscriptions() == 0
    resumed = next(row for row in await world.journal(lead) if row.kind == "resumed")
    assert (resumed.cause, resumed.branch) == ("event", 0)
    assert await world.outcomes(lead) == ["finished"]


async def test_a_wait_gives_up_at_its_limit(world: World) -> None:
    await world.publish(WAITING)
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    await world.later(days=3)
    assert await world.sent(lead) == ["rappel"]
    assert await world.subscriptions() == 0


async def test_an_exit_comes_before_the_moves(world: World) -> None:
    await world.publish(WAITING)
    lead = await world.lead()
    await world.event(lead)
    await world.event(lead, "custom", "achat")
    await world.event(lead, "link_clicked", "essai")
    await world.settle()
    assert await world.sent(lead) == []
    assert await world.outcomes(lead) == ["success"]
    assert await world.subscriptions() == 0


async def test_a_step_and_an_explicit_exit(world: World) -> None:
    await world.publish(program(Step("s", HERE, "Début", 1), Leave("l", HERE, Exit.FAILURE)))
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    (row,) = await world.enrolments(lead)
    assert (row.step, row.outcome, row.active) == ("Début", "failure", False)
    assert await world.moves(lead) == ["entered", "stepped", "left"]
