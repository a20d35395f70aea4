"""A campaign called otherwise is the same: those inside, its history and its keys are kept."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from dsl.program import END, Act, Pause, Program
from relance.effects import Send
from relance.facts import Entered
from relance.values import Duration
from relance.waits import WaitFor
from server.engine.publication.project import ProgramSource, Project
from server.engine.publication.renaming import unsaid
from server.store.schema.campaigns import campaigns
from tests.engine.triggers.test_state_triggers import sends, when
from tests.engine.triggers.test_takings import BY_LIST, launched, member
from tests.engine.world import HERE, World, program


async def publish(world: World, *published: ProgramSource) -> None:
    await world.engine.publish(Project(published))
    await world.settle()


def named(one: Program, name: str, *former: str, new: bool = False) -> ProgramSource:
    return ProgramSource(replace(one, name=name), "", former, new)


async def test_a_campaign_renamed_takes_nobody_again_and_keeps_those_inside(world: World) -> None:
    there = await member(world)
    rest = Pause("p", HERE, WaitFor(Duration(days=1)), 1)
    journey = program(
        rest, Act("a", HERE, (Send("email", "a"),), END), entries=(BY_LIST,), name="Tarifs"
    )
    await publish(world, ProgramSource(journey))
    await publish(world, named(journey, "Relance des tarifs", "Tarifs"))
    await world.later(days=1)
    await publish(world, named(journey, "Prix", "Tarifs", "Relance des tarifs"))
    assert await world.sent(there) == ["a"]
    assert [row.campaign_id for row in await world.enrolments(there)] == [1]
    assert [(row.key, row.present) for row in await world.rows(select(campaigns))] == [
        ("prix", True)
    ]


async def test_who_was_touched_under_the_former_name_was_touched_by_it(world: World) -> None:
    there = await member(world)
    await publish(world, ProgramSource(launched(name="A")))
    asks = program(sends("oui"), name="Autre", entries=(when(Entered("B")),))
    await publish(world, named(launched(), "B", "A"), ProgramSource(asks))
    assert await world.sent(there) == ["a", "oui"]


async def test_a_name_said_too_late_is_taken_while_nobody_came_under_the_new_one(
    world: World,
) -> None:
    there = await member(world)
    await publish(world, ProgramSource(launched(name="A")))
    hollow = launched(name="B", entries=())
    await publish(world, ProgramSource(hollow))
    await publish(world, named(hollow, "B", "A"))
    (row,) = await world.rows(select(campaigns))
    assert (row.key, row.id) == ("b", 1)
    assert len(await world.enrolments(there)) == 1


async def test_two_histories_are_not_made_one(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await member(world)
    await publish(world, ProgramSource(launched(name="A")))
    await publish(world, ProgramSource(launched(name="B")))
    await publish(world, named(launched(), "B", "A"))
    assert {row.key: row.present for row in await world.rows(select(campaigns))} == {
        "a": False,
        "b": True,
    }
    assert "restent séparées" in caplog.text


async def test_a_rename_that_is_not_said_is_asked_about(world: World) -> None:
    await publish(world, ProgramSource(launched(name="A")), ProgramSource(launched("z", name="Z")))

    async def asked(*published: ProgramSource) -> list[tuple[str, str]]:
        async with world.store.read() as conn:
            return [(one.name, one.former) for one in await unsaid(conn, published)]

    z = ProgramSource(launched("z", name="Z"))
    assert await asked(named(launched(), "B"), z) == [("B", "A")]
    assert await asked(named(launched(), "B"), ProgramSource(launched(name="A")), z) == []
    assert await asked(named(launched(), "B", "A"), z) == []
    assert await asked(named(launched(), "B", new=True), z) == []
    assert await asked(named(launched("autre"), "B"), z) == []
