"""« ordre : Audience »: what the engine keeps until the hour, and what it makes of it then.

What its page states is played in tests/scenarios/ordre-audience.relance.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dsl.program import END, Await, Branch, Exit, ExitRule, Jump, Pause, Program, Reentry
from relance.facts import InList
from relance.values import Duration
from relance.waits import WaitFor
from server.engine.engine import Engine
from server.engine.life.state import CampaignChange
from server.plugins import load_plugins
from server.reports import french
from server.reports.entrance import current_program
from server.reports.hours import hours_of
from server.reports.ledger import read_ledger
from server.reports.why import Answer, Asking
from server.store.schema.campaigns import missed
from tests.engine.life.test_states import decide
from tests.engine.test_merges import join
from tests.engine.triggers.test_state_triggers import when
from tests.engine.triggers.test_takings import enlist, leave_list
from tests.engine.world import HERE, World, heard, on, program

REST = Pause("p", HERE, WaitFor(Duration(days=2)), END)


def hourly(*statements: object, **given: object) -> Program:
    return program(*statements, hourly=True, **given)


async def to_the_hour(world: World, *, less: timedelta = timedelta()) -> None:
    now = world.clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    world.clock.advance(hour - now - less)
    await world.settle()


async def test_what_came_is_kept_until_the_hour_whatever_becomes_of_the_server(
    world: World,
) -> None:
    await world.publish(hourly(REST))
    await to_the_hour(world)
    lead = await world.lead()
    await world.later(minutes=20)
    await world.event(lead)
    await world.settle()
    assert await world.enrolments(lead) == []
    assert len(await world.rows(select(missed))) == 1
    hour = world.clock.now() + timedelta(minutes=40)
    assert world.wakes() == hour
    world.engine = Engine(world.store, world.clock, zone=ZoneInfo("UTC"))
    await world.settle()
    assert (await world.enrolments(lead), world.wakes()) == ([], hour)
    await to_the_hour(world)
    (row,) = await world.enrolments(lead)
    assert world.instant(row.wake_at) == hour + timedelta(days=2)
    assert await world.rows(select(missed)) == []


async def test_a_state_that_takes_out_and_held_already_does_so_on_the_hour_after_the_entry(
    world: World,
) -> None:
    out = ExitRule(Exit.FAILURE, when(InList("Prospects")))
    await world.publish(hourly(REST, exits=(out,)))
    lead = await world.lead()
    await enlist(world, lead)
    await world.event(lead)
    await to_the_hour(world)
    assert await world.outcomes(lead) == [None]
    await to_the_hour(world)
    assert await world.outcomes(lead) == ["failure"]


async def test_who_leaves_while_the_state_of_an_entry_holds_enters_again_at_the_same_look(
    world: World,
) -> None:
    stop = ExitRule(Exit.FAILURE, on("custom", "stop"))
    entries = (when(InList("Prospects")),)
    given = {"exits": (stop,), "entries": entries, "reentry": Reentry.AFTER_EXIT}
    await world.publish(hourly(REST, **given))
    lead = await world.lead()
    await enlist(world, lead)
    await to_the_hour(world)
    await world.event(lead, "custom", "stop")
    await to_the_hour(world, less=timedelta(seconds=1))
    assert await world.outcomes(lead) == [None]
    await to_the_hour(world)
    assert await world.outcomes(lead) == ["failure", None]


async def test_members_there_are_taken_on_the_hour_after_the_publication_if_they_still_are(
    world: World,
) -> None:
    stays, goes = await world.lead(), await world.lead()
    for lead in (stays, goes):
        await enlist(world, lead)
    await world.settle()
    await to_the_hour(world)
    await world.later(minutes=5)
    await world.publish(hourly(REST, entries=(when(InList("Prospects")),)))
    await world.later(minutes=5)
    assert await world.enrolments(stays) == []
    await leave_list(world, goes)
    await to_the_hour(world)
    assert (await world.outcomes(stays), await world.outcomes(goes)) == ([None], [])


async def test_who_is_in_a_loop_that_nothing_leads_to_any_more_goes_on_turning(
    world: World,
) -> None:
    def wait(index: int, what: str) -> Await:
        branch = Branch(HERE, heard("custom", what), index)
        return Await(what, HERE, (branch,), None, END, ("custom",))

    into = Jump("j", HERE, 2, None, END)
    stay = Pause("z", HERE, WaitFor(Duration(days=900)), END)
    loop = (wait(3, "x"), wait(2, "y"))
    await world.publish(hourly(into, stay, *loop))
    lead = await world.lead()
    await world.event(lead)
    await to_the_hour(world)
    for what in ("x", "y", "x"):
        await world.event(lead, "custom", what)
        await world.settle()
        await to_the_hour(world)
    (row,) = await world.enrolments(lead)
    assert (row.statement, row.active) == (3, True)


async def test_what_two_who_are_one_did_is_looked_at_on_the_hour_once(world: World) -> None:
    await world.publish(hourly(REST))
    await to_the_hour(world)
    source, target = await world.lead(), await world.lead()
    for lead in (source, target):
        await world.event(lead)
    await world.settle()
    await join(world, source, target)
    await to_the_hour(world)
    assert await world.outcomes(target) == [None]
    assert await world.refusals(target) == ["already_in"]


async def asked(world: World, lead: int) -> Answer:
    """What « Pourquoi » answers about being in the campaign."""
    ledger = await read_ledger(world.store, lead, load_plugins().glossary)
    found = await current_program(world.store, "Essai")
    assert found is not None
    return await Asking(
        *(world.store, ledger, lead, 1, found, world.clock.now(), ZoneInfo("UTC"))
    ).answer(None)


async def test_who_waits_for_the_hour_is_said_to_until_when_for_what_and_why(world: World) -> None:
    await world.publish(hourly(REST))
    await to_the_hour(world)
    lead, other = await world.lead(), await world.lead()
    hour = world.clock.now() + timedelta(hours=1)
    await world.later(minutes=20)
    await world.event(lead)
    await world.settle()
    when = french.instant(hour, ZoneInfo("UTC"))
    answer = await asked(world, lead)
    assert (answer.short, plain(answer.hour)) == (
        "Non.",
        f"« Formulaire (Essai) rempli » attend l’heure pleine, le {plain(when)} : la campagne n’est "
        "regardée qu’alors (« ordre : Audience »).",
    )
    nothing_came = plain((await asked(world, other)).hour)
    assert nothing_came.endswith(f"(« ordre : Audience ») : la prochaine fois le {plain(when)}.")
    await to_the_hour(world)
    assert "la prochaine fois" in (await asked(world, lead)).hour
    ledger = await read_ledger(world.store, lead, load_plugins().glossary)
    assert [name for name, _ in hours_of(ledger, world.clock.now(), ZoneInfo("UTC"))] == ["Essai"]
    await decide(world, CampaignChange.PAUSED)
    assert (await asked(world, lead)).hour == "", "a pause says why already"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")
