"""Messages that came due in a pause while no lane met them: no server ran, or their channel was cut."""

import pytest
from sqlalchemy import func, select

from dsl.program import END
from server.engine.life import deciding, resuming, transitions
from server.engine.life.resuming import How, Plan
from server.engine.life.state import CampaignChange
from server.engine.tick import Tick
from server.orders.campaigns import DECISIONS
from server.orders.declined import Declined
from server.reports.lateness import overdue_rows
from server.store.instants import now_micros
from server.store.schema.messages import outbox
from tests.engine.life.test_states import ME, decide, resume, sends
from tests.engine.world import World, program


async def unmet(world: World, count: int) -> None:
    await world.publish(program(sends("a", END)))
    for _ in range(count):
        await world.event(await world.lead())
    await world.settle()
    await decide(world, CampaignChange.PAUSED)
    await world.later(hours=1)


async def test_messages_are_spread_as_those_a_lane_has_met(world: World) -> None:
    await unmet(world, 6)
    await resume(world, How.SPREAD, hours=10)
    now = now_micros(world.clock)
    due = [row.due_at for row in await world.rows(select(outbox.c.due_at))]
    assert len({each for each in due if each > now}) > 1, due


async def test_messages_are_shown_and_asked_about_before_a_resume(world: World) -> None:
    await unmet(world, 2)
    with pytest.raises(Declined, match="2\u00a0personnes ou messages sont"):
        await DECISIONS["reprendre"](world.ordering(), {"campagne": "Essai"})
    async with world.store.read() as conn:
        number = (await deciding.find(conn, "Essai")).id
        (row,) = await overdue_rows(conn, number, now_micros(world.clock))
    assert (row.what, row.channel, row.count) == ("Message «\u00a0a\u00a0»", "email", 2)


async def test_messages_are_set_apart_part_by_part(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transitions, "PART", 1)
    await unmet(world, 3)

    async def work(tick: Tick) -> None:
        await resuming.begin(tick, await deciding.find(tick.conn, "Essai"), Plan(), ME)

    await world.engine.change(work)
    met = select(func.count(outbox.c.overdue_at).label("met"))
    counts = []
    for _ in range(4):
        counts.append((await world.rows(met))[0].met)
        await world.engine.tick()
    assert counts == [0, 1, 2, 3]
    await world.settle()
    assert [row.due_at is not None for row in await world.rows(select(outbox))] == [True] * 3
