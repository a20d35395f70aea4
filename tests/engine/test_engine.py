import asyncio

import pytest
from sqlalchemy import func, select, text

from dsl.program import (
    END,
    Act,
    Await,
    Branch,
    Decide,
    Exit,
    ExitRule,
    Jump,
    Pause,
    Place,
    Program,
    Trigger,
)
from dsl.program_codec import from_json, to_json
from relance.effects import Send, SetField
from relance.events import EventPattern
from relance.facts import Leaf
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Duration
from relance.waits import WaitFor
from server.engine.engine import Engine
from server.engine.statements import advance as advancing
from server.store.schema.campaigns import campaigns, versions
from server.store.schema.events import inbox
from server.store.store import Store
from tests.engine.effects.test_rewriting import counted
from tests.engine.world import HERE, UTC, World, happened, heard, on, program


def send(message: str, next_: int = END) -> Act:
    return Act(message, HERE, (Send("email", message),), next_)


def rest(message: str, name: str = "Essai") -> Program:
    return program(Pause("p", HERE, WaitFor(Duration(days=1)), 1), send(message), name=name)


def test_a_program_survives_storage() -> None:
    whole = program(
        Await(
            "a", HERE, (Branch(HERE, heard("custom", "x"), 1),), Duration(days=3), END, ("custom",)
        ),
        Decide("d", HERE, happened("custom"), END, END),
        exits=(ExitRule(Exit.SUCCESS, on("custom", "achat")),),
    )
    assert from_json(to_json(whole)) == whole


async def test_the_same_program_makes_no_new_version(world: World) -> None:
    for _ in range(2):
        await world.publish(rest("un"))
    assert await world.rows(select(func.count()).select_from(versions)) == [(1,)]
    await world.publish(rest("deux"))
    assert await world.rows(select(func.count()).select_from(versions)) == [(2,)]


async def test_a_program_said_otherwise_is_the_same_version_in_its_new_words(world: World) -> None:
    def said(line: int, words: str) -> Program:
        place = Place(line, Said(words))
        entry = Trigger(place, on=EventPattern("form_submitted", "Essai"))
        asked = Leaf(Said(words), happened("page_visited").condition)
        return program(Decide("si#1", place, asked, END, END), entries=(entry,))

    await world.publish(said(1, "quand"))
    await world.publish(said(9, "lorsque"))
    ((number, stored),) = await world.rows(select(versions.c.id, versions.c.program))
    assert (number, from_json(stored)) == (1, said(9, "lorsque"))


async def test_leads_in_flight_stay_on_the_version_they_entered(world: World) -> None:
    await world.publish(rest("ancien"))
    old = await world.lead()
    await world.event(old)
    await world.settle()
    await world.publish(rest("nouveau"))
    new = await world.lead()
    await world.event(new)
    await world.later(days=1)
    assert (await world.sent(old), await world.sent(new)) == (["ancien"], [])
    await world.later(days=1)
    assert await world.sent(new) == ["nouveau"]


async def test_a_campaign_no_longer_in_the_project_lets_nobody_in(world: World) -> None:
    await world.publish(rest("un"))
    inside, outside = await world.lead(), await world.lead()
    await world.event(inside)
    await world.settle()
    await world.publish()
    await world.event(outside)
    await world.later(days=1)
    assert (await world.sent(inside), await world.sent(outside)) == (["un"], [])
    assert await world.rows(select(campaigns.c.present)) == [(False,)]


async def test_a_new_engine_takes_up_where_the_last_one_stopped(
    world: World, store: Store, clock: VirtualClock
) -> None:
    await world.publish(rest("un"))
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    world.engine = Engine(store, clock, zone=UTC)
    await world.later(days=1)
    assert await world.sent(lead) == ["un"]


async def test_a_version_that_fails_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advancing, "_CIRCLES", 300)
    broken = program(Act("x", HERE, (SetField("inconnu", "x"),), END), name="Cassée")
    round_and_round = program(Jump("j", HERE, 0, None, END), name="Ronde")
    await world.publish(broken, round_and_round, rest("bonne", "Bonne"))
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    await world.later(days=1)
    assert len(world.engine.quarantine) == 2
    assert await world.sent(lead) == ["bonne"]
    await world.publish(rest("bonne", "Bonne"))
    assert world.engine.quarantine == {}


async def test_what_fails_outright_leaves_everything_as_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.publish(rest("un"))
    lead = await world.lead()
    await world.event(lead)

    async def fail(*_: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(world.engine._work._pending, "done", fail)
    with pytest.raises(Exception, match="no"):
        await world.engine.tick()
    assert await world.enrolments(lead) == []
    monkeypatch.undo()
    await world.settle()
    assert len(await world.enrolments(lead)) == 1


async def test_a_batch_smaller_than_the_work_takes_more_ticks(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock, limit=3)
    await world.publish(rest("un"))
    leads = [await world.lead() for _ in range(10)]
    for lead in leads:
        await world.event(lead, "page_visited", "/")
        await world.event(lead)
    assert await world.settle() == 4
    await world.later(days=1)
    assert [await world.sent(lead) for lead in leads] == [["un"]] * 10


async def test_events_of_a_lead_are_handled_in_the_order_received(world: World) -> None:
    first = program(send("un"), name="Un", entries=(on("custom", "a"),))
    second = program(send("deux"), name="Deux", entries=(on("custom", "b"),))
    await world.publish(second, first)
    lead = await world.lead()
    for name in ("a", "b"):
        await world.event(lead, "custom", name)
    await world.engine.tick()
    assert await world.sent(lead) == ["un"]
    await world.engine.tick()
    assert set(await world.sent(lead)) == {"un", "deux"}


async def test_nothing_is_left_to_wait(world: World) -> None:
    await world.publish(rest("un"))
    lead = await world.lead()
    await world.event(lead)
    await world.event(lead, "nobody_listens", None)
    await world.settle()
    assert await world.rows(select(func.count()).select_from(inbox)) == [(0,)]


async def test_the_loop_wakes_for_events_and_tells_of_messages(store: Store) -> None:
    from server.clock import SystemClock

    world = World(store, SystemClock())  # type: ignore[arg-type]
    sent = asyncio.Event()
    world.engine.on_outbox = sent.set
    await world.publish(program(Pause("p", HERE, WaitFor(Duration(seconds=1)), 1), send("un")))
    running = asyncio.create_task(world.engine.run())
    await asyncio.sleep(0.1)
    lead = await world.lead()
    await world.event(lead)
    world.engine.wake()
    await asyncio.wait_for(sent.wait(), 10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await world.sent(lead) == ["un"]


async def test_the_due_are_found_by_their_index() -> None:
    store = await Store.open("sqlite://", VirtualClock())
    queries = {
        "SELECT lead_id FROM enrolments WHERE wake_at <= 5 ORDER BY wake_at LIMIT 9": "enrolments_due",
        "SELECT lead_id, type, id FROM inbox ORDER BY id LIMIT 9": "inbox_in_order",
        "SELECT min(id) FROM inbox WHERE lead_id = 1": "SEARCH inbox USING PRIMARY KEY",
        "SELECT min(wake_at) FROM enrolments WHERE wake_at IS NOT NULL": "enrolments_due",
        # By any of three, all of which begin with whom or where.
        "SELECT 1 FROM enrolments WHERE lead_id = 1 AND campaign_id = 2 AND active": "SEARCH enrolments USING",
    }
    async with store.read() as conn:
        for query, index in queries.items():
            plan = (await conn.execute(text(f"EXPLAIN QUERY PLAN {query}"))).all()
            assert index in str(plan), query
    await store.close()


async def test_while_nothing_is_due_by_the_clock_a_tick_asks_so_once_at_each_end(
    world: World,
) -> None:
    await world.publish(rest("un"))
    await world.event(await world.lead())
    with counted() as statements:
        assert await world.engine.tick()
    clock = [each for each in statements if "flips" in each or "schedules" in each]
    assert len(clock) == 2, clock


async def test_who_comes_while_a_crowd_waits_has_a_turn_at_once(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock, limit=8)
    await world.publish(program(send("Bienvenue")))
    crowd = [await world.lead() for _ in range(60)]
    for lead in crowd:
        await world.event(lead)
    last = await world.lead()
    await world.event(last)
    await world.engine.tick()
    assert await world.sent(last) == ["Bienvenue"]
    assert [len(await world.sent(lead)) for lead in crowd[:8]] == [1] * 8
    await world.settle()
    assert [len(await world.sent(lead)) for lead in crowd] == [1] * 60


async def test_a_form_is_handled_at_once_however_fast_a_crowd_comes(
    store: Store, clock: VirtualClock
) -> None:
    """A crowd that brings more between two ticks than one tick takes: the form is in the first."""
    world = World(store, clock, limit=8)
    entry = Trigger(HERE, EventPattern("list_added", "Foule"))
    await world.publish(program(send("Bienvenue")), program(send("x"), name="F", entries=(entry,)))
    crowd = [await world.lead() for _ in range(60)]
    for lead in crowd[:20]:
        await world.event(lead, "list_added", "Foule")
    late = [await world.lead() for _ in range(3)]
    for lead in late:
        await world.event(lead)
    for number in range(3):
        for lead in crowd[20 + 12 * number : 32 + 12 * number]:
            await world.event(lead, "list_added", "Foule")
        await world.engine.tick()
        assert await world.sent(late[number]) == ["Bienvenue"]
    await world.settle()
    assert [await world.sent(lead) for lead in crowd[:56]] == [["x"]] * 56


async def test_each_of_many_kinds_has_its_turn_while_a_crowd_waits(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock, limit=8)
    every = Trigger(HERE, EventPattern("custom", "*"))
    crowd = Trigger(HERE, EventPattern("list_added", "Foule"))
    await world.publish(program(send("x"), entries=(every, crowd)))
    for _ in range(400):
        await world.event(await world.lead(), "list_added", "Foule")
    people = [await world.lead() for _ in range(80)]
    for number, lead in enumerate(people):
        await world.event(lead, "custom", f"s{number:02}")
    for _ in range(3):
        await world.engine.tick()
    assert [await world.sent(lead) for lead in people] == [["x"]] * 80


async def test_who_has_a_turn_before_a_crowd_keeps_the_order_of_what_they_did(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock, limit=8)
    first = Await("a", HERE, (Branch(HERE, heard("custom", "a"), 1),), None, END, ("custom",))
    await world.publish(program(first, send("à temps")))
    lead = await world.lead()
    crowd = [await world.lead() for _ in range(40)]
    for other in crowd[:20]:
        await world.event(other)
    await world.event(lead)
    for other in crowd[20:]:
        await world.event(other)
    await world.event(lead, "custom", "a")
    await world.settle()
    assert await world.sent(lead) == ["à temps"]
