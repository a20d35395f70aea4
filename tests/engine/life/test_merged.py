"""Two leads of a campaign that is paused or archived, found to be one, and told apart again."""

from datetime import timedelta

from sqlalchemy import select, update

from server.dispatch import held
from server.engine.life.state import CampaignChange
from server.store.instants import now_micros
from server.store.merges import merge
from server.store.schema.messages import outbox
from server.store.separation import separate
from tests.engine.life.test_states import decide, deliver, resting, resume
from tests.engine.world import World


async def two_inside(world: World, *, delivered: bool = True) -> tuple[int, int]:
    await world.publish(resting())
    one, two = await world.lead(), await world.lead()
    for lead in (one, two):
        await world.event(lead)
        await world.settle()
        await world.later(minutes=1)
    if delivered:
        await deliver(world)
    return one, two


async def join(world: World, source: int, target: int) -> None:
    async with world.store.write() as conn:
        await merge(conn, world.store.fields.table, [(source, target)], now_micros(world.clock))


async def part(world: World, source: int) -> None:
    async with world.store.write() as conn:
        await separate(conn, world.store.fields.table, source, now_micros(world.clock))


async def meet(world: World) -> None:
    """A lane meets the messages that are due."""
    async with world.store.write() as conn:
        await conn.execute(update(outbox).values(overdue_at=outbox.c.due_at, due_at=None))


async def states(world: World) -> list[str]:
    return sorted(row.state for row in await world.rows(select(outbox.c.state)))


async def test_a_message_a_merge_called_back_is_not_held_when_the_base_is_restored(
    world: World,
) -> None:
    one, two = await two_inside(world, delivered=False)
    await decide(world, CampaignChange.PAUSED)
    await meet(world)
    await join(world, two, one)
    async with world.store.write() as conn:
        assert await held.hold(conn) == 1
    assert await states(world) == ["cancelled", "held"]


async def test_what_a_merge_called_back_during_a_pause_leaves_once_separated(world: World) -> None:
    """Separated after the resume: nobody would give it back any more."""
    one, two = await two_inside(world, delivered=False)
    await decide(world, CampaignChange.PAUSED)
    await meet(world)
    await world.later(days=3)
    await join(world, two, one)
    await resume(world)
    await part(world, two)
    await world.settle()
    assert [await world.sent(lead) for lead in (one, two)] == [["bonjour", "adieu"]] * 2
    waiting = select(outbox).where(outbox.c.state == "pending")
    assert [row.due_at is not None for row in await world.rows(waiting)] == [True] * 4


async def test_separated_after_the_archive_nobody_is_inside_again(world: World) -> None:
    one, two = await two_inside(world)
    await join(world, two, one)
    await decide(world, CampaignChange.ARCHIVED)
    await world.settle()
    world.clock.advance(timedelta(hours=1))
    await decide(world, CampaignChange.RESTORED)
    await part(world, two)
    rows = [row for lead in (one, two) for row in await world.enrolments(lead)]
    assert [(row.active, row.outcome) for row in rows] == [(False, "archived")] * 2
    assert len({row.left_at for row in rows}) == 1
    assert (await world.journal(two))[-1].cause == "operator"
