"""Clocks that jump, events out of time, crowds at the limit of a batch, values at the edge."""

import asyncio
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from dsl.program import END, Act, Await, Branch, Exit, ExitRule, Pause, Program, Reentry, Trigger
from relance.effects import ChangeScore, EnterCampaign, Send
from relance.errors import StoreUnavailable
from relance.facts import Compare, Field, Leaf, Literal, Score
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Change, Comparator, Duration
from relance.waits import WaitFor, WaitUntil
from server.engine.triggers import entries
from server.store.instants import now_micros
from server.store.schema.events import events, inbox
from server.store.store import Store
from tests.engine.world import HERE, World, heard, on, program

DAY = Duration(days=1)


def send(message: str, next_: int = END) -> Act:
    return Act(message, HERE, (Send("email", message),), next_)


def put_back(clock: VirtualClock) -> None:
    """As an operator does, or a network of clocks: one hour."""
    clock._now -= timedelta(hours=1)


def waiting(**given: Any) -> Program:
    """Waits for « x » two days at most."""
    wait = Await(
        "a", HERE, (Branch(HERE, heard("custom", "x"), 1),), Duration(days=2), 2, ("custom",)
    )
    return program(wait, send("oui"), send("non"), **given)


async def test_an_entry_dated_in_the_future_does_not_make_its_waits_deaf(world: World) -> None:
    await world.publish(waiting())
    lead = await world.lead()
    await world.event(lead, at=world.clock.now() + timedelta(days=365))
    await world.settle()
    await world.later(hours=1)
    await world.event(lead, "custom", "x")
    await world.settle()
    assert await world.sent(lead) == ["oui"]


async def test_a_wait_hears_though_the_clock_went_back_after_it_began(world: World) -> None:
    await world.publish(waiting())
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    put_back(world.clock)
    await world.event(lead, "custom", "x")
    await world.settle()
    assert await world.sent(lead) == ["oui"]


async def test_what_happened_before_a_pause_ended_stays_before_though_the_clock_went_back(
    world: World,
) -> None:
    pause = Pause("p", HERE, WaitFor(Duration(seconds=600)), 1)
    wait = Await("a", HERE, (Branch(HERE, heard("custom", "x"), 2),), DAY, 3, ("custom",))
    await world.publish(program(pause, wait, send("oui"), send("non")))
    lead = await world.lead()
    world.store.ids.reserve(1)
    put_back(world.clock)
    await world.event(lead)
    await world.settle()
    await world.event(lead, "custom", "x")
    await world.settle()
    await world.later(minutes=10)
    assert await world.sent(lead) == []
    await world.event(lead, "custom", "x")
    await world.settle()
    assert await world.sent(lead) == ["oui"]


async def test_an_event_comes_before_a_timer_however_long_the_queue(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock, limit=2)
    journey = program(
        Pause("p", HERE, WaitFor(DAY), 1),
        send("trop tard"),
        exits=(ExitRule(Exit.SUCCESS, on("custom", "achat")),),
    )
    await world.publish(journey)
    leads = [await world.lead() for _ in range(6)]
    for lead in leads:
        await world.event(lead)
    await world.settle()
    for lead in leads:
        await world.event(lead, "custom", "achat")
    await world.later(days=1)
    assert [await world.sent(lead) for lead in leads] == [[]] * 6
    assert [await world.outcomes(lead) for lead in leads] == [["success"]] * 6


async def test_a_lead_with_many_events_does_not_hold_up_the_others(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock, limit=4)
    await world.publish(waiting())
    busy, other = await world.lead(), await world.lead()
    for _ in range(40):
        await world.event(busy, "custom", "y")
    await world.event(other)
    for _ in range(3):
        await world.engine.tick()
    assert len(await world.enrolments(other)) == 1
    await world.settle()


async def test_a_campaign_put_back_takes_those_who_came_to_be_there_meanwhile(world: World) -> None:
    rich = Leaf(Said("riche"), Compare(Score(), Comparator.AT_LEAST, Literal(50)))
    trigger = Trigger(HERE, condition=rich)
    campaign = program(send("riche"), entries=(trigger,))
    await world.publish(campaign)
    lead = await world.lead()
    await world.publish()
    await world.set(lead, score=60)
    await world.publish(campaign)
    await world.event(lead, "custom", "x")
    await world.settle()
    assert await world.sent(lead) == ["riche"]


async def test_whose_time_was_over_before_an_event_came_is_not_moved_by_it(world: World) -> None:
    """Even if the engine looks at both only afterwards."""
    journey = waiting(
        timeout=DAY,
        reentry=Reentry.AFTER_EXIT,
        exits=(ExitRule(Exit.SUCCESS, on("custom", "achat")),),
    )
    await world.publish(journey)
    hears, buys, comes_back, in_time = [await world.lead() for _ in range(4)]
    for lead in (hears, buys, comes_back, in_time):
        await world.event(lead)
    await world.settle()
    world.clock.advance(timedelta(hours=23))
    await world.event(in_time, "custom", "achat")
    world.clock.advance(timedelta(hours=2))
    await world.event(hears, "custom", "x")
    await world.event(buys, "custom", "achat")
    await world.event(comes_back)
    await world.settle()
    assert await world.sent(hears) == []
    assert await world.outcomes(hears) == ["timeout"]
    assert await world.outcomes(buys) == ["timeout"]
    assert await world.outcomes(comes_back) == ["timeout", None]
    assert await world.outcomes(in_time) == ["success"]


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(1, 1, 1), None])
@pytest.mark.parametrize("days", [-7, 7])
async def test_an_odd_date_of_one_lead_does_not_stop_the_others(
    world: World, day: date | None, days: int
) -> None:
    until = WaitUntil(Field("date de naissance"), time(9, 0), days)
    await world.publish(program(Pause("p", HERE, until, 1), send("un")))
    odd = await world.lead(**{"date de naissance": day})
    other = await world.lead(**{"date de naissance": date(1980, 1, 1)})
    for lead in (odd, other):
        await world.event(lead)
    await world.settle()
    assert world.engine.quarantine == {}
    assert await world.sent(other) == ["un"]
    assert await world.sent(odd) == ([] if day == date(9999, 12, 31) else ["un"])


async def test_a_score_at_its_limit_stays_there(world: World) -> None:
    up = Act("s", HERE, (ChangeScore(Change(10)),), 1)
    await world.publish(program(up, send("un")))
    odd, other = await world.lead(score=2**31 - 5), await world.lead(score=1)
    for lead in (odd, other):
        await world.event(lead)
    await world.settle()
    assert world.engine.quarantine == {}
    assert await world.value(odd, "score") == 2**31 - 1
    assert await world.value(other, "score") == 11


async def test_a_publication_that_fails_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.publish(program(send("un")))

    async def full(*_: object) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr("server.engine.triggers.takings.plan", full)
    with pytest.raises(StoreUnavailable):
        await world.publish(program(send("deux")))
    monkeypatch.undo()
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await world.sent(lead) == ["un"]
    known = await world.rows(text("SELECT id FROM versions"))
    assert [row.version_id for row in await world.enrolments(lead)] == [known[0].id]


async def test_campaigns_that_send_leads_to_one_another_without_end_are_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "_MOST_ENTRIES", 20)

    def ping(name: str, other: str) -> Program:
        enter = Act("e", HERE, (EnterCampaign(other),), END)
        return program(enter, name=name, reentry=Reentry.AFTER_EXIT)

    await world.publish(ping("Un", "Deux"), ping("Deux", "Un"))
    lead = await world.lead()
    await world.event(lead)
    for _ in range(200):
        if not await world.engine.tick():
            break
    else:
        pytest.fail("it goes on for ever")
    assert "too_often" in await world.refusals(lead)


async def test_a_number_too_great_for_the_store_is_no_number(world: World) -> None:
    from relance.events import EventPattern, PropertyTest

    great = EventPattern("custom", "x", None, (PropertyTest("montant", Comparator.GREATER, 5),))
    await world.publish(program(send("un"), entries=(Trigger(HERE, on=great),)))
    odd, other = await world.lead(), await world.lead()
    await world.event(odd, "custom", "x", properties={"montant": "9" * 400})
    await world.event(other, "custom", "x", properties={"montant": "9"})
    await world.settle()
    assert world.engine.quarantine == {}
    assert await world.sent(other) == ["un"]


async def test_of_two_events_of_an_instant_neither_is_lost_whichever_is_stored_first(
    world: World,
) -> None:
    """Two writers at once on PostgreSQL: the one numbered first may be committed last.

    Events count in the order in which they came to the server, which is that of their numbers:
    what is stored late is handled all the same, once, and whoever waited for it hears of it.
    """
    if world.store.dialect != "postgresql":
        pytest.skip("one writer at a time")
    await world.publish(
        waiting(),
        program(send("entré"), name="Autre", entries=(on("custom", "x"),)),
        program(send("bis"), name="Encore", entries=(on("custom", "y"),)),
    )
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    number = world.store.ids.next()
    async with world.store.write() as conn:
        await world.event(lead, "custom", "y")  # by another transaction, and numbered after
        await world.settle()
        assert await world.sent(lead) == ["bis"]
        now = now_micros(world.clock)
        columns = {"type": "custom", "subject": "x", "subject_key": "x"}
        row = {"lead_id": lead, "id": number, "occurred_at": now, "received_at": now, **columns}
        await conn.execute(insert(events).values(**row))
        await conn.execute(insert(inbox).values({each.name: row[each.name] for each in inbox.c}))
    await world.settle()
    assert sorted(await world.sent(lead)) == ["bis", "entré", "oui"]


async def test_no_event_is_counted_while_one_numbered_before_may_still_come(world: World) -> None:
    ids = world.store.ids
    with ids.transaction():
        first = ids.next()
        with ids.transaction():
            ids.next()
            assert ids.settled() < first
        assert ids.settled() < first
    assert ids.settled() == ids.last


async def test_beside_a_crowd_ticks_are_small_for_a_while_once_somebody_came(
    store: Store, clock: VirtualClock
) -> None:
    world, taken = World(store, clock, limit=16), list[Any]()
    engine = world.engine
    await world.publish(program(send("un")))
    await world.settle()
    for _ in range(180):
        await world.event(await world.lead())
    engine.caught_up.clear()
    engine.probe.on_work = lambda work: taken.append(work.said["relance.rows"])
    engine.wake()
    running = asyncio.create_task(engine.run())
    async with asyncio.timeout(20):
        await engine.caught_up.wait()
    running.cancel()
    assert sum(taken) == 180
    assert max(taken[:50]) < 16 <= max(taken[50:])


async def test_postgresql_knows_of_a_crowd_that_comes_upon_an_empty_inbox(
    store: Store, clock: VirtualClock
) -> None:
    if store.dialect == "sqlite":
        pytest.skip("its plans are the same however many there are")
    world = World(store, clock, limit=4)
    await world.publish(program(send("un")))
    await world.settle()
    async with store.unbound() as conn:
        await conn.exec_driver_sql("ANALYZE inbox")
    for _ in range(6):
        await world.event(await world.lead())
    await world.engine.tick()
    known = text("SELECT reltuples FROM pg_class WHERE oid = CAST('inbox' AS regclass)")
    assert (await world.rows(known))[0][0] >= 4
