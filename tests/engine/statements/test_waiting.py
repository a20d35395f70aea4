import asyncio
from datetime import date, timedelta

import pytest

from dsl.program import (
    END,
    Act,
    Await,
    Branch,
    Decide,
    Jump,
    Loop,
    LoopStart,
    Pause,
    Share,
    Split,
    Step,
)
from relance.effects import Send
from relance.events import NewEvent
from relance.facts import Birthday, Field, Leaf
from relance.host import Identities, Incoming
from relance.said import Said
from relance.values import Duration
from relance.waits import WaitFor, WaitUntil, WaitUpTo
from server.engine.draw import draw
from server.intake.intake import Intake
from server.store.leads import serialize_intake
from tests.engine.world import HERE, World, heard, program

DAY = Duration(days=1)


def send(message: str, next_: int = END) -> Act:
    return Act(message, HERE, (Send("email", message),), next_)


def until(
    *conditions: Leaf, limit: Duration | None = None, timeout: int = END, first: int = 1
) -> Await:
    branches = tuple(Branch(HERE, one, first + number) for number, one in enumerate(conditions))
    return Await("a", HERE, branches, limit, timeout, ("custom",))


async def start(world: World, *statements: object, **fields: object) -> int:
    await world.publish(program(*statements))
    lead = await world.lead(**fields)
    await world.event(lead)
    await world.settle()
    assert not world.engine.quarantine
    return lead


async def custom(world: World, lead: int, name: str) -> int:
    number = await world.event(lead, "custom", name)
    await world.settle()
    return number


async def test_the_first_branch_written_wins(world: World) -> None:
    both = until(heard("custom", "a*"), heard("custom", "ab"))
    lead = await start(world, both, send("premier"), send("second"))
    await custom(world, lead, "ab")
    assert await world.sent(lead) == ["premier"]


async def test_no_event_falls_between_two_waits(world: World) -> None:
    """What comes during a pause counts for nothing, what comes during the next wait does."""
    lead = await start(
        world, until(heard("custom", "a")), until(heard("custom", "b"), first=2), send("fin")
    )
    await world.event(lead, "custom", "a")
    await world.event(lead, "custom", "b")
    await world.settle()
    assert await world.sent(lead) == ["fin"]


async def test_one_event_ends_one_wait(world: World) -> None:
    again = until(heard("custom", "a"), first=2)
    lead = await start(world, until(heard("custom", "a")), again, send("fin"))
    await custom(world, lead, "a")
    assert await world.sent(lead) == []
    await custom(world, lead, "a")
    assert await world.sent(lead) == ["fin"]


async def test_history_is_consumed_event_by_event(world: World) -> None:
    """Two events received while the lead rests elsewhere end one wait each, in order."""
    lead = await start(
        world,
        until(heard("custom", "go")),
        Pause("p", HERE, WaitFor(DAY), 2),
        until(heard("custom", "a"), first=3, limit=DAY, timeout=5),
        until(heard("custom", "a"), first=4, limit=DAY, timeout=5),
        send("deux"),
        send("délai"),
    )
    await custom(world, lead, "go")
    await world.later(days=1)
    for _ in range(2):
        await custom(world, lead, "a")
    assert await world.sent(lead) == ["deux"]


async def test_an_event_before_the_reference_does_not_count(world: World) -> None:
    lead = await start(
        world, Pause("p", HERE, WaitFor(DAY), 1), until(heard("custom", "a"), first=2), send("x")
    )
    await custom(world, lead, "a")
    await world.later(days=1)
    assert await world.sent(lead) == []
    await custom(world, lead, "a")
    assert await world.sent(lead) == ["x"]


async def test_an_event_that_occurred_before_the_wait_but_came_late_does_not_end_it(
    world: World,
) -> None:
    lead = await start(world, until(heard("custom", "a")), send("x"))
    await world.event(lead, "custom", "a", at=world.clock.now() - timedelta(hours=1))
    await world.settle()
    assert await world.sent(lead) == []


async def test_an_event_within_the_limit_wins_though_the_server_slept(world: World) -> None:
    lead = await start(
        world, until(heard("custom", "a"), limit=DAY, timeout=2), send("x"), send("délai")
    )
    instant = world.clock.now() + timedelta(hours=23)
    world.clock.advance(days=3)
    await world.event(lead, "custom", "a", at=instant)
    await world.settle()
    assert await world.sent(lead) == ["x"]


async def test_an_event_after_the_limit_is_too_late_though_the_server_slept(world: World) -> None:
    lead = await start(
        world, until(heard("custom", "a"), limit=DAY, timeout=2), send("x"), send("délai")
    )
    world.clock.advance(days=3)
    await world.event(lead, "custom", "a")
    await world.settle()
    assert await world.sent(lead) == ["délai"]


async def test_an_event_received_within_the_limit_wins_though_it_is_stored_after(
    world: World,
) -> None:
    """A commit takes some milliseconds, and a limit may fall between."""
    first = until(heard("custom", "a"), limit=DAY, timeout=2)
    lead = await start(world, first, send("à temps"), send("trop tard"))
    intake = Intake(world.store, world.clock)
    world.engine.oldest = intake.oldest
    click = Incoming("test", Identities(lead_id=lead), events=(NewEvent("custom", "a"),))
    world.clock.advance(timedelta(hours=23, minutes=59, seconds=59))
    async with world.store.write():
        pass  # reserves the ids of this day: whoever does keeps others from writing meanwhile
    async with world.store.write() as conn:
        await serialize_intake(conn)
        ticking = asyncio.create_task(world.engine.tick())
        await asyncio.sleep(0.01)
        bringing = asyncio.create_task(intake.record([click]))
        await asyncio.sleep(0.01)
        world.clock.advance(timedelta(seconds=2))
        if world.store.dialect == "postgresql":
            await ticking
            await world.engine.tick()
    await asyncio.gather(ticking, bringing)
    await world.settle()
    assert await world.sent(lead) == ["à temps"]
    assert intake.oldest() is None


async def test_a_wait_on_the_calendar_ends_at_midnight(world: World) -> None:
    birthday = Leaf(Said("anniversaire"), Birthday(Field("date de naissance")))
    lead = await start(
        world, until(birthday), send("fête"), **{"date de naissance": date(1990, 1, 3)}
    )
    assert world.wakes() == world.clock.now() + timedelta(days=2)
    await world.later(days=1)
    assert await world.sent(lead) == []
    await world.later(days=1)
    assert await world.sent(lead) == ["fête"]


async def test_a_pause_until_a_field_groups_dates_and_zones(world: World) -> None:
    await world.publish(
        program(Pause("p", HERE, WaitUntil(Field("date de naissance"), days=-1), 1), send("x"))
    )
    paris = await world.lead(**{"date de naissance": date(2026, 1, 11), "fuseau": "Europe/Paris"})
    utc = await world.lead(**{"date de naissance": date(2026, 1, 11), "fuseau": "Nulle/Part"})
    never, past = await world.lead(), await world.lead(**{"date de naissance": date(2020, 1, 1)})
    for lead in (paris, utc, never, past):
        await world.event(lead)
    await world.settle()
    assert [await world.sent(lead) for lead in (paris, utc, never, past)] == [[], [], ["x"], ["x"]]
    await world.later(days=8, hours=23)
    assert [await world.sent(lead) for lead in (paris, utc)] == [["x"], []]
    await world.later(hours=1)
    assert await world.sent(utc) == ["x"]


async def test_a_drawn_pause_stays_within_its_bounds(world: World) -> None:
    await world.publish(program(Pause("p", HERE, WaitUpTo(Duration(days=3), "lieu"), 1), send("x")))
    leads = [await world.lead() for _ in range(20)]
    for lead in leads:
        await world.event(lead)
    await world.settle()
    ends = {(await world.enrolments(lead))[0].deadline for lead in leads}
    begun = (await world.enrolments(leads[0]))[0].entered_at
    assert len(ends) > 15
    assert all(begun <= end <= begun + 3 * 86_400_000_000 for end in ends)


@pytest.mark.parametrize(("limit", "sent"), [(2, 3), (1, 2), (0, 1)])
async def test_a_jump_goes_back_so_many_times_at_most(world: World, limit: int, sent: int) -> None:
    lead = await start(
        world,
        Step("s", HERE, "Début", 1),
        send("x", 2),
        Pause("p", HERE, WaitFor(DAY), 3),
        Jump("j", HERE, 0, limit, END),
    )
    for _ in range(5):
        await world.later(days=1)
    assert await world.sent(lead) == ["x"] * sent
    assert await world.outcomes(lead) == ["finished"]


async def test_a_loop_within_a_loop_counts_anew(world: World) -> None:
    lead = await start(
        world,
        LoopStart("s", HERE, 1),
        Loop("l", HERE, 0, 2, 2, END),
        LoopStart("s2", HERE, 3),
        Loop("l2", HERE, 2, 4, 3, 1),
        send("x", 3),
    )
    assert await world.sent(lead) == ["x"] * 6
    assert await world.outcomes(lead) == ["finished"]


async def test_a_split_follows_the_draw(world: World) -> None:
    shares = (Share("A", 2_500, 1), Share("B", 10_000, 2))
    await world.publish(program(Split("t", HERE, "objet", shares), send("A"), send("B")))
    leads = [await world.lead() for _ in range(12)]
    for lead in leads:
        await world.event(lead)
    await world.settle()
    for lead in leads:
        assert await world.sent(lead) == ["A" if draw(lead, "objet") < 2_500 else "B"]


async def test_branches_that_meet_again_move_on_together(world: World) -> None:
    vip = Leaf(Said("x"), heard("custom", "vip").condition)
    lead = await start(world, Decide("d", HERE, vip, 1, 2), send("vip", 2), send("tous"))
    assert await world.sent(lead) == ["tous"]
