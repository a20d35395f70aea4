"""A version that fails is set aside; what came for it meanwhile is looked at when it is back."""

import asyncio
from typing import Any

from sqlalchemy import select

from dsl.program import END, Act, Await, Branch, Exit, ExitRule, Program, Reentry
from relance.effects import EnterCampaign, Send, SetField
from relance.facts import Compare, Literal, Score
from relance.testing import VirtualClock
from relance.values import Comparator
from server.engine.engine import Engine
from server.reports.glossary import Glossary
from server.reports.ledger import read_ledger
from server.reports.timeline import journeys_of
from server.store.schema.campaigns import missed, set_aside
from server.store.store import Store
from server.web.overview import campaign_lines
from tests.engine.world import HERE, UTC, World, heard, on, program


def send(message: str, next_: int = END) -> Act:
    return Act(message, HERE, (Send("email", message),), next_)


WAIT = Await("a", HERE, (Branch(HERE, heard("custom", "x"), 1),), None, END, ("custom",))


def fragile(**given: Any) -> Program:
    """Fails when its wait hears « x », until the project has a field « taille »."""
    write = Act("y", HERE, (SetField("taille", "G"),), 2)
    return program(WAIT, write, send("oui"), **given)


async def quarantined_with(world: World, campaign: Program) -> int:
    """A lead in a version that has just failed."""
    await world.publish(campaign)
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    await world.event(lead, "custom", "x")
    await world.settle()
    assert world.engine.quarantine
    return lead


async def mend(world: World) -> None:
    await world.store.declare_fields([("taille", "texte", ())])


async def test_a_wait_hears_what_came_meanwhile(world: World) -> None:
    lead = await quarantined_with(world, fragile())
    await mend(world)
    await world.publish(fragile())
    await world.settle()
    assert (await world.sent(lead), world.engine.quarantine) == (["oui"], {})


async def test_why_is_written_until_it_runs_again(world: World) -> None:
    await quarantined_with(world, fragile())
    (row,) = await world.rows(select(set_aside))
    assert "taille" in row.reason
    await mend(world)
    await world.publish(fragile())
    await world.settle()
    assert await world.rows(select(set_aside)) == []


async def test_exits_and_entries_that_came_meanwhile_are_made_after_a_restart(
    world: World, store: Store, clock: VirtualClock
) -> None:
    exits = (ExitRule(Exit.SUCCESS, on("custom", "achat")),)
    inside = await quarantined_with(world, fragile(exits=exits))
    outside, elsewhere = await world.lead(), await world.lead()
    await world.event(inside, "custom", "achat")
    for _ in range(2):
        await world.event(outside)
    await world.event(outside, "custom", "autre")
    await world.event(elsewhere, "custom", "achat")
    await world.settle()
    assert await world.enrolments(outside) == []
    await mend(world)
    world.engine = Engine(store, clock, zone=UTC)
    await world.settle()
    assert await world.outcomes(inside) == ["success"]
    assert [row.active for row in await world.enrolments(outside)] == [True]
    assert await world.enrolments(elsewhere) == []
    assert await world.rows(select(missed)) == []
    await world.event(outside, "custom", "x")
    await world.settle()
    assert await world.sent(outside) == ["oui"]


async def test_a_mended_version_lets_in_those_who_came_for_the_failing_one(world: World) -> None:
    await quarantined_with(world, fragile())
    sender = program(
        Act("e", HERE, (EnterCampaign("Essai"),), END), name="Autre", entries=(on("custom", "z"),)
    )
    await world.publish(fragile(), sender)
    late, sent_here = await world.lead(), await world.lead()
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    await world.event(lead, "custom", "x")
    await world.settle()
    assert world.engine.quarantine
    await world.event(late)
    await world.event(sent_here, "custom", "z")
    await world.settle()
    await world.publish(program(send("mieux")), sender)
    await world.settle()
    assert await world.sent(late) == ["mieux"]
    assert await world.sent(sent_here) == ["mieux"]


async def test_the_others_see_nothing_twice(world: World) -> None:
    counting = program(send("encore"), name="Compte", reentry=Reentry.AFTER_EXIT)
    await world.publish(fragile(), counting)
    lead, other = await world.lead(), await world.lead()
    await world.event(lead)
    await world.settle()
    await world.event(lead, "custom", "x")
    await world.event(other)
    await world.settle()
    assert world.engine.quarantine
    await world.event(other)
    await world.settle()
    await mend(world)
    await world.publish(fragile(), counting)
    await world.settle()
    assert await world.sent(other) == ["encore", "encore"]
    assert len(await world.enrolments(other)) == 3


async def test_a_version_that_fails_again_loses_nothing_either(world: World) -> None:
    exits = (ExitRule(Exit.SUCCESS, on("custom", "achat")),)
    inside = await quarantined_with(world, fragile(exits=exits))
    late = await world.lead()
    await world.event(late)
    await world.publish(fragile(exits=exits))
    await world.event(inside, "custom", "achat")
    await world.settle()
    await mend(world)
    await world.publish(fragile(exits=exits))
    await world.settle()
    assert len(await world.enrolments(late)) == 1
    assert len(await world.enrolments(inside)) == 1
    assert (await world.enrolments(inside))[0].active is False


async def test_a_version_that_fails_on_what_another_missed_is_set_aside_too(world: World) -> None:
    await quarantined_with(world, fragile())
    late = await world.lead()
    await world.event(late)
    await world.settle()
    at_once = program(Act("y", HERE, (SetField("taille", "G"),), 1), send("oui"))
    await world.publish(at_once)
    await world.settle()
    assert len(world.engine.quarantine) == 2
    await mend(world)
    await world.publish(at_once)
    await world.settle()
    assert await world.sent(late) == ["oui"]


async def test_a_lead_that_no_longer_moves_is_told_why(world: World) -> None:
    lead = await quarantined_with(world, fragile())
    (journey,) = journeys_of(await read_ledger(world.store, lead, Glossary()), UTC)
    assert "mise de côté" in journey.state
    assert "taille" in journey.state
    await mend(world)
    await world.publish(fragile())
    await world.settle()
    (journey,) = journeys_of(await read_ledger(world.store, lead, Glossary()), UTC)
    assert "mise de côté" not in journey.state


async def test_the_status_page_shows_a_campaign_set_aside(world: World) -> None:
    await quarantined_with(world, fragile())
    async with world.store.read() as conn:
        (line,) = await campaign_lines(conn)
    assert "taille" in (line.quarantined or "")


async def test_all_that_was_missed_is_given_back_though_nothing_wakes_the_engine(
    store: Store, clock: VirtualClock
) -> None:
    """What is given back changes nothing here: no move of anybody calls for the next part."""
    world = World(store, clock)
    never = Compare(Score(), Comparator.GREATER, Literal(1_000))
    exits = (ExitRule(Exit.SUCCESS, on("custom", "achat", condition=never)),)
    await world.publish(fragile(exits=exits))
    rows = []
    for _ in range(6):
        lead = await world.lead()
        await world.event(lead)
        event = await world.event(lead, "custom", "achat")
        about = {"lead_id": lead, "event_id": event, "type": "custom"}
        rows.append({**about, "version_id": 1, "entering": False})
    await world.settle()
    async with store.write() as conn:
        await conn.execute(missed.insert(), rows)
    engine = Engine(store, clock, zone=UTC, limit=2)
    running = asyncio.create_task(engine.run())
    try:
        async with asyncio.timeout(10):
            await engine.caught_up.wait()
        assert await world.rows(select(missed)) == []
    finally:
        running.cancel()
