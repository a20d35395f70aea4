"""Two leads found to be one while campaigns hold them."""

import asyncio
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select

from dsl.program import END, Act, Await, Branch, Program, Reentry, Trigger
from relance.effects import Send
from relance.events import EventPattern
from relance.facts import All, Compare, Count, Events, Literal, Not, longer_than
from relance.testing import VirtualClock
from relance.values import Comparator, Duration
from server.store import moving
from server.store.instants import now_micros
from server.store.leads import serialize_intake
from server.store.merges import merge
from server.store.schema.campaigns import edges, flips
from server.store.schema.events import events
from server.store.schema.leads import list_members
from server.store.schema.rules import points
from server.store.separation import separate
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


@pytest.mark.parametrize("reentry", [Reentry.AFTER_EXIT, Reentry.BY_VALUE])
async def test_who_goes_on_in_the_entry_of_before_enters_no_second_time(
    world: World, reentry: Reentry
) -> None:
    of_value = "commande" if reentry is Reentry.BY_VALUE else None
    await world.publish(waiting(reentry=reentry, reentry_property=of_value))
    order = {"commande": "12"}
    first, later = await world.lead(), await world.lead()
    for lead in (first, later):
        await world.event(lead, properties=order)
        await world.settle()
        await world.later(hours=1)
    await join(world, later, first)
    await world.event(first, properties=order)
    await world.settle()
    assert await world.outcomes(first) == [None, "merged"]
    assert "already_in" in await world.refusals(first)


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
    look = world.engine._look

    async def hold(tick: Any) -> Any:
        if tick.visits:
            moved.set()
            await released.wait()
        return await look(tick)

    monkeypatch.setattr(world.engine, "_look", hold)
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


async def long_history(world: World, lead: int, count: int) -> None:
    """So many pages, handled before."""
    first = world.store.ids.reserve(count)
    visit = {"lead_id": lead, "type": "page_visited", "subject": "x", "subject_key": "x"}
    at = {"occurred_at": now_micros(world.clock), "received_at": now_micros(world.clock)}
    rows = [{**visit, **at, "id": first + n} for n in range(count)]
    points_ = [
        {"lead_id": lead, "id": first + n, "delta": 1, "at": at["occurred_at"], "reason": "x"}
        for n in range(count)
    ]
    async with world.store.write() as conn:
        await conn.execute(insert(events), rows)
        await conn.execute(insert(points), points_)


async def owned(world: World, table: Table, lead: int) -> int:
    found = await world.rows(select(func.count()).where(table.c.lead_id == lead))
    return int(found[0][0])


async def test_a_long_history_is_handed_over_in_parts_and_nothing_is_decided_on_half_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "PART", 100)
    seen = Count(Events(EventPattern("page_visited")))
    half = All(
        (
            Compare(seen, Comparator.GREATER, Literal(3)),
            Compare(seen, Comparator.LESS, Literal(400)),
        )
    )
    await world.publish(
        program(send("à demi"), entries=(Trigger(HERE, condition=half),)),
        program(send("entière"), name="Autre", entries=(Trigger(HERE, EventPattern("custom")),)),
        lists={"À demi": half},
    )
    stranger, person = await world.lead(), await world.lead()
    await long_history(world, stranger, 450)
    await join(world, stranger, person)
    await world.event(person, "page_visited", "x")
    await world.event(person, "custom", "y")
    most = 0
    for _ in range(20):
        before = await owned(world, events, person) + await owned(world, points, person)
        await world.engine.tick()
        after = await owned(world, events, person) + await owned(world, points, person)
        most = max(most, after - before)
    assert most <= 100
    assert [await owned(world, table, stranger) for table in (events, points)] == [0, 0]
    assert await owned(world, points, person) == 450
    assert await world.sent(person) == ["entière"]
    assert await world.rows(select(list_members.c.lead_id)) == []


async def test_two_leads_are_two_again_though_the_history_was_on_its_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "PART", 100)
    await world.publish(waiting())
    stranger, person, other = [await world.lead() for _ in range(3)]
    await long_history(world, stranger, 150)
    await join(world, stranger, person)
    await world.engine.tick()
    await join(world, person, other)
    await world.engine.tick()
    async with world.store.write() as conn:
        leads, now = world.store.fields.table, now_micros(world.clock)
        assert await separate(conn, leads, person, now) == other
        assert await separate(conn, leads, stranger, now) == person
    await world.settle()
    for table in (events, points):
        assert [await owned(world, table, one) for one in (stranger, person, other)] == [150, 0, 0]


_CUT = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from relance.testing import VirtualClock
from server.engine.engine import Engine
from server.store import moving
from server.store.merges import merge
from server.store.store import Store

async def main():
    clock = VirtualClock(datetime(2026, 1, 5, tzinfo=UTC))
    store = await Store.open(sys.argv[1], clock)
    async with store.write() as conn:
        await merge(conn, store.fields.table, [(1, 2)], 0)
    await Engine(store, clock).tick()
    async with store.write() as conn:
        await moving.go_on(conn)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_a_history_on_its_way_arrives_though_the_server_is_killed(
    tmp_path: Path, clock: VirtualClock
) -> None:
    url = f"sqlite:///{tmp_path / 'base.db'}"
    store = await Store.open(url, clock)
    world = World(store, clock)
    stranger, person = await world.lead(), await world.lead()
    await long_history(world, stranger, 3_500)
    await store.close()
    cut = await asyncio.create_subprocess_exec(sys.executable, "-c", _CUT, url)
    assert await cut.wait() == -signal.SIGKILL
    store = await Store.open(url, clock)
    world = World(store, clock)
    assert 0 < await owned(world, events, stranger) < 3_500
    await world.settle()
    assert await owned(world, events, person) == await owned(world, points, person) == 3_500
    await store.close()
