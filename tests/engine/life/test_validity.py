"""At a resume, a policy that says how long messages are worth sending has answered already."""

import pytest

from server.orders.campaigns import DECISIONS
from server.orders.declined import Declined
from server.store import policies
from server.store.instants import now_micros
from server.store.schema.messages import outbox
from tests.engine.life.test_messages_unmet import unmet
from tests.engine.world import World
from tests.policies import policy

RESUME = DECISIONS["reprendre"]


async def paused(world: World, *lines: str, days: int) -> None:
    await unmet(world, 2)
    async with world.store.write() as conn:
        await policies.publish(conn, policy(*lines), now_micros(world.clock))
    await world.later(days=days)


async def states(world: World) -> list[str]:
    return [row.state for row in await world.rows(outbox.select())]


async def test_what_is_past_its_validity_does_not_leave_and_nothing_is_asked(world: World) -> None:
    await paused(world, "messages valables 2 jours", days=3)
    said = await RESUME(world.ordering(), {"campagne": "Essai"})
    assert said.endswith("«\u00a0messages valables 2 jours\u00a0».")
    await world.settle()
    assert await states(world) == ["expired", "expired"]


async def test_what_is_still_valid_leaves_at_once(world: World) -> None:
    await paused(world, "messages valables 5 jours", "messages valables 1 mois", days=3)
    await RESUME(world.ordering(), {"campagne": "Essai"})
    await world.settle()
    assert await states(world) == ["pending", "pending"]


async def test_whoever_resumes_may_decide_otherwise(world: World) -> None:
    await paused(world, "messages valables 2 jours", days=3)
    await RESUME(world.ordering(), {"campagne": "Essai", "comment": "all"})
    await world.settle()
    assert await states(world) == ["pending", "pending"]


async def test_the_validity_of_one_channel_answers_for_no_other(world: World) -> None:
    await paused(world, "SMS valables 2 jours", days=3)
    with pytest.raises(Declined, match="en retard"):
        await RESUME(world.ordering(), {"campagne": "Essai"})
