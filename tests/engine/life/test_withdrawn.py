"""A campaign that the project no longer has, and nobody is in: its messages go by its state all the same."""

import pytest
from sqlalchemy import select

from dsl.program import END
from relance.testing import FakeChannel
from server.dispatch.dispatch import Dispatch
from server.engine.life.state import CampaignChange
from server.intake.intake import Intake
from server.store.schema.campaigns import campaigns
from server.store.schema.messages import outbox
from tests.engine.life.test_states import decide, resume, sends
from tests.engine.world import World, program


async def went_by(world: World) -> None:
    """Somebody passed through it, and its message has not left."""
    await world.publish(program(sends("a", END)))
    await world.event(await world.lead(courriel="a@exemple.ca"))
    await world.settle()


async def withdraw(world: World) -> None:
    await world.publish(program(name="Autre"))


async def after_dispatch(world: World) -> str:
    """The state of its message once all that may leave has."""
    intake = Intake(world.store, world.clock)
    await Dispatch(world.store, world.clock, [FakeChannel("email")], intake).drain()
    ((state,),) = await world.rows(select(outbox.c.state))
    return str(state)


@pytest.mark.parametrize(
    ("change", "state"),
    [(CampaignChange.PAUSED, "pending"), (CampaignChange.ARCHIVED, "cancelled")],
)
async def test_stopped_after_it_was_withdrawn_its_messages_stay(
    world: World, change: CampaignChange, state: str
) -> None:
    await went_by(world)
    await withdraw(world)
    await decide(world, change)
    assert await after_dispatch(world) == state
    found = select(campaigns.c.runs).where(campaigns.c.name == "Essai")
    assert [row.runs for row in await world.rows(found)] == [False]


async def test_withdrawn_while_paused_then_resumed_its_messages_leave(world: World) -> None:
    await went_by(world)
    await decide(world, CampaignChange.PAUSED)
    assert await after_dispatch(world) == "pending"
    await withdraw(world)
    await resume(world)
    assert await after_dispatch(world) == "sent"
