"""Who does the work, and what waits: told the same on a page, in a terminal, and as JSON."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from dsl.program import END, Act, Await, Branch
from relance.effects import Send
from relance.testing import VirtualClock
from relance.values import Duration
from server.health.operation import ServerOperation, operation
from server.health.settings_apart import settings_apart
from server.health.silence import silent_processes
from server.store import lanes, processes, sole
from server.store.instants import now_micros
from server.store.lanes import LaneRow
from server.store.processes import ProcessRow
from server.store.schema.messages import outbox
from server.store.store import Store
from tests.engine.sharing.processes import several
from tests.engine.world import HERE, World, heard, program


def row(number: int, roles: str = "avancer,envoyer,recevoir", *, known: bool = True) -> ProcessRow:
    return ProcessRow(number, f"machine:{number}", roles, "a1b2c3d4e5/0050", "p", 1, known)


async def looked(store: Store, clock: VirtualClock) -> ServerOperation:
    async with store.read() as conn:
        return await operation(conn, now_micros(clock))


@asynccontextmanager
async def holding(url: str, helpers: int) -> AsyncIterator[None]:
    """Sessions hold the numbers of the first and of so many helpers, as processes do."""
    held = [await sole.alone(url)]
    held += [(await sole.helper(url))[1] for _ in range(helpers)]
    try:
        yield
    finally:
        for one in held:
            await one.release()


async def test_each_process_is_told_with_its_part_of_the_leads_and_its_last_sign_of_life(
    lent_postgresql: str, clock: VirtualClock
) -> None:
    async with several(lent_postgresql, clock, helpers=2) as them:
        store = them.first.store
        async with store.write() as conn:
            for one in (row(0), row(1), row(2, "recevoir"), row(3, known=False)):
                await processes.say(conn, one)
        async with holding(lent_postgresql, helpers=2):
            before = await looked(store, clock)
            assert [one.state for one in before.processes] == ["premier", "aide", "aide", "plus là"]
            assert [one.shards for one in before.processes] == [64, None, None, None]
            await them.first.engine.have_beside(1)
            await them.first.engine.tick()
            found = await looked(store, clock)
        assert found.shared
        assert [one.shards for one in found.processes] == [32, 32, None, None]
        silences = [one.silent for one in found.processes]
        assert all(one is not None and one < 5 for one in silences[:3])
        assert silences[3] is None
        gone = await looked(store, clock)
        assert {one.state for one in gone.processes} == {"plus là"}


async def test_processes_are_read_and_said_in_the_tables_of_the_release_before(
    lent_postgresql: str, clock: VirtualClock
) -> None:
    """A later release waits in line, and looks who is there, before it brings the tables to itself."""
    store = await Store.open(lent_postgresql, clock)
    async with store.write() as conn:
        await processes.say(conn, row(0)._replace(settings='{"adresse": "a"}'))
        (found,) = await processes.every(conn)
        assert found.settings == '{"adresse": "a"}'
        await conn.execute(text("ALTER TABLE processes DROP COLUMN settings"))
        await processes.say(conn, row(1, "attendre", known=False))
        assert await processes.every(conn) == [row(0), row(1, "attendre", known=False)]
        assert list(await settings_apart(conn)) == []
    await store.close()


async def test_messages_under_way_are_told_by_process_and_by_channel_with_their_lease(
    lent_postgresql: str, clock: VirtualClock
) -> None:
    store = await Store.open(lent_postgresql, clock)
    soon, later = now_micros(clock) + 60_000_000, now_micros(clock) + 90_000_000
    usual = {"lead_id": 1, "campaign_id": 1, "entry": 1, "ordinal": 0, "message": "m"}
    rows = [
        {**usual, "move": n, "channel": channel, "state": state, "owner": owner, "due_at": due}
        for n, (channel, state, owner, due) in enumerate(
            [
                ("email", "sending", 5 * 64, later),
                ("email", "sending", 3 * 64 + 1, soon),
                ("email", "pending", 3 * 64 + 1, 1),
                ("sms", "sending", 3 * 64 + 1, later),
            ]
        )
    ]
    async with store.write() as conn:
        await processes.say(conn, row(0))
        await processes.say(conn, row(1))
        await conn.execute(insert(outbox), [{**one, "created_at": 1} for one in rows])
        await lanes.hold(conn, "sms", LaneRow(1.0, None, 3, 0, soon, None, "panne"))
        await lanes.hold(conn, "push", LaneRow(1.0, None, 0, 0, None, None, None))
    found = await looked(store, clock)
    assert [one.sending for one in found.processes] == [1, 2]
    email, sms = found.channels
    assert (email.channel, email.sending, email.lease, email.cut) == ("email", 2, soon, None)
    assert (sms.channel, sms.sending, sms.lease, sms.cut, sms.why) == (
        "sms",
        1,
        later,
        soon,
        "panne",
    )
    await store.close()


async def test_a_process_that_gives_no_sign_of_life_is_told_as_mute(
    lent_postgresql: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await Store.open(lent_postgresql, clock)
    async with store.write() as conn:
        await processes.say(conn, row(0))
    async with holding(lent_postgresql, helpers=0):
        async with store.read() as conn:
            assert await silent_processes(conn) == ()
        monkeypatch.setattr("server.health.silence.SILENT", -1.0)
        assert [one.state for one in (await looked(store, clock)).processes] == ["muet"]
        async with store.read() as conn:
            (concern,) = await silent_processes(conn)
        assert (concern.code, "machine:0" in concern.fact) == ("processus.muet", True)
    await store.close()


async def test_what_waits_is_counted_with_how_long_the_first_of_it_has(
    store: Store, clock: VirtualClock
) -> None:
    nothing = await looked(store, clock)
    assert [(one.count, one.oldest) for one in nothing.waiting] == [(0, None)] * 3
    world = World(store, clock)
    branch = Branch(HERE, heard("custom", "x"), 1)
    pause = Await("a", HERE, (branch,), Duration(days=1), 1, ("custom",))
    await world.publish(program(pause, Act("b", HERE, (Send("email", "m"),), END)))
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    clock.advance(timedelta(days=1, minutes=2))
    await world.event(await world.lead())
    clock.advance(timedelta(seconds=10))
    await world.event(await world.lead())
    waiting = {one.key: (one.count, one.oldest) for one in (await looked(store, clock)).waiting}
    assert waiting == {"evenements": (2, 10.0), "echeances": (1, 130.0), "envois": (0, None)}
    await world.settle()
    clock.advance(timedelta(minutes=1))
    waiting = {one.key: (one.count, one.oldest) for one in (await looked(store, clock)).waiting}
    assert waiting == {"evenements": (0, None), "echeances": (0, None), "envois": (1, 60.0)}
