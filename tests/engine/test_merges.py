"""Two leads found to be one while campaigns hold them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dsl.program import END, Act, Await, Branch, Program, Trigger
from relance.effects import Send
from relance.events import EventPattern
from relance.facts import Events, Not, longer_than
from relance.testing import VirtualClock
from relance.values import Duration
from server.store.instants import now_micros
from server.store.leads import serialize_intake
from server.store.merges import merge
from server.store.schema import edges, flips, list_members
from server.store.store import Store
from tests.engine.world import HERE, World, heard, program


def send(message: str, next_: int = END) -> Act:
    return Act(message, HERE, (Send("email", message),), next_)


def waiting(**given: Any) -> Program:
    wait = Await(
        "a", HERE, (Branch(HERE, heard("custom", "x"), 1),), Duration(days=2), 2, ("custom",)
    )
    return program(wait, send("oui"), send("non"), **given)


async def join(world: World, source: int, target: int) -> None:
    async with world.store.write() as conn:
        await merge(conn, world.store.fields.table, [(source, target)], now_micros(world.clock))


async def test_a_wait_finds_what_the_other_had_done_meanwhile(world: World) -> None:
    await world.publish(waiting())
    waits, did = await world.lead(), await world.lead()
    await world.event(waits)
    await world.settle()
    await world.later(hours=1)
    await world.event(did, "custom", "x")
    await world.settle()
    await join(world, did, waits)
    await world.settle()
    assert await world.sent(waits) == ["oui"]


async def test_a_wait_that_finds_nothing_goes_on_to_its_own_end(world: World) -> None:
    await world.publish(waiting())
    stays, goes = await world.lead(), await world.lead()
    await world.event(goes)
    await world.settle()
    await join(world, goes, stays)
    await world.later(days=1)
    assert await world.sent(stays) == []
    await world.later(days=1)
    assert await world.sent(stays) == ["non"]


@pytest.mark.parametrize("entering", [True, False])
async def test_a_merge_waits_for_the_tick_that_moves_the_lead(
    store: Store, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, entering: bool
) -> None:
    if store.dialect == "sqlite":
        pytest.skip("one transaction at a time")
    world = World(store, clock)
    await world.publish(waiting())
    stays, goes = await world.lead(), await world.lead()
    await world.event(goes)
    if not entering:
        await world.settle()
        await world.event(goes, "custom", "x")
    moved, released = asyncio.Event(), asyncio.Event()
    look = world.engine._look_ahead

    async def hold(tick: Any) -> Any:
        if tick.visits:
            moved.set()
            await released.wait()
        return await look(tick)

    monkeypatch.setattr(world.engine, "_look_ahead", hold)
    ticking = asyncio.create_task(world.engine.tick())
    await asyncio.wait_for(moved.wait(), 10)
    merging = asyncio.create_task(join(world, goes, stays))
    await asyncio.sleep(0.3)
    assert not merging.done()
    released.set()
    await asyncio.wait_for(asyncio.gather(ticking, merging), 10)
    await world.settle()
    assert await world.enrolments(goes) == []
    assert len(await world.enrolments(stays)) == 1
    assert await world.sent(stays) == ([] if entering else ["oui"])


@pytest.mark.parametrize("doing", ["turning", "building", "publishing"])
async def test_nobody_merged_meanwhile_is_left_a_member(
    store: Store, clock: VirtualClock, doing: str
) -> None:
    """Were a lead looked at while another transaction makes it one with another, he would stay."""
    if store.dialect == "sqlite":
        pytest.skip("one transaction at a time")
    world = World(store, clock)
    holds = longer_than(Duration(days=1), Events(EventPattern("custom", "x")))
    lists = {"Vieux": holds, "Sans": Not(holds)}
    campaign = program(send("a"), entries=(Trigger(HERE, condition=Not(holds)),))
    if doing == "turning":
        await world.publish(campaign, lists=lists)
    stays, goes = await world.lead(), await world.lead()
    await world.event(goes, "custom", "x")
    if doing == "turning":
        await world.settle()
        clock.advance(timedelta(days=2))
    if doing == "building":
        await world.publish(lists=lists)
    work = world.publish(campaign) if doing == "publishing" else world.engine.tick()
    async with store.write() as conn:
        await serialize_intake(conn)
        await merge(conn, store.fields.table, [(goes, stays)], now_micros(clock))
        working = asyncio.create_task(work)
        await asyncio.sleep(0.3)
    await asyncio.wait_for(working, 10)
    await world.settle()
    for table in (list_members, edges, flips):
        assert await world.rows(select(table).where(table.c.lead_id == goes)) == []
