"""A release counts again what it counts otherwise than the one before, and that alone."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from relance.testing import VirtualClock
from server.store.counters import keeping
from server.store.counters.basis import CountingBasis
from server.store.counters.triggers import triggers
from server.store.counting import SETTING, counted_by
from server.store.migrate import migrate
from server.store.schema.server import KEEP_SETTING
from server.store.store import Store
from server.store.versions import numbered
from tests.counters import counters_agree
from tests.counters.test_counters import MONTREAL, SUCCESS, kept
from tests.engine.world import World
from tests.store.test_upgrade import asynchronous

#: Counters that no row of the ledger explains: whatever is counted again loses its own.
MARKS = {"entered": 100, "left": 200, "message sent": 300, "message put off": 400, "old thing": 500}


@pytest.fixture
async def world(store: Store, clock: VirtualClock) -> World:
    """Somebody entered and left; then those marks."""
    await keeping.keep(store, MONTREAL)
    world = World(store, clock)
    await world.publish(SUCCESS)
    await world.event(await world.lead(score=80))
    await world.settle()
    marked = text("INSERT INTO counters VALUES (7, :kind, 1, 1, 0, '', '', :n, 0)")
    async with store.write() as conn:
        await conn.execute(marked, [{"kind": kind, "n": n} for kind, n in MARKS.items()])
    return world


async def counted_before(store: Store, **facts: Any) -> None:
    """Have the base be one that counted those facts so; None: did not."""
    async with store.write() as conn:
        basis = CountingBasis.read(await counted_by(conn))
        assert basis is not None
        known = {**basis.facts, **facts}
        former = {name: one for name, one in known.items() if one is not None}
        written = json.dumps([basis.clocks, basis.days, former, basis.triggers])
        await conn.execute(KEEP_SETTING, {"name": SETTING, "value": written})


async def test_what_is_counted_otherwise_is_counted_again_and_nothing_else(world: World) -> None:
    store = world.store
    await counted_before(store, left=None, old=("as before", "old thing", True))
    await keeping.keep(store, MONTREAL)
    found = await kept(store)
    assert (found["entered"], found["left"], found.get("old thing")) == (101, 1, None)
    assert found["message sent"] == 300


async def test_facts_that_count_in_the_same_counters_are_counted_again_together(
    world: World,
) -> None:
    store = world.store
    await counted_before(store, put_off=("otherwise", "message put off", True))
    await keeping.keep(store, MONTREAL)
    found = await kept(store)
    assert (found.get("message put off"), found.get("message sent")) == (None, None)
    assert (found["entered"], found["left"]) == (101, 201)


async def test_a_base_that_was_not_always_counting_is_counted_whole(world: World) -> None:
    store = world.store
    name = triggers(store.dialect)[0].name
    away = f"DROP TRIGGER {name}" if store.dialect == "sqlite" else f"DROP FUNCTION {name} CASCADE"
    async with store.write() as conn:
        await conn.execute(text(away))
    await keeping.keep(store, MONTREAL)
    assert (await kept(store))["entered"] == 1
    await counters_agree(store)


async def test_tables_that_are_only_added_to_leave_what_is_counted(
    empty_url: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await Store.open(empty_url, clock)
    await keeping.keep(store, MONTREAL)
    await store.close()
    monkeypatch.setattr("alembic.command.upgrade", lambda *_: None)
    added_only = {number: expands or number > "0061" for number, expands in numbered().items()}
    monkeypatch.setattr("server.store.expansion.numbered", lambda: added_only)
    engine = create_async_engine(asynchronous(empty_url))
    counts = []
    for version in ("0061", "0049"):
        async with engine.begin() as conn:
            await conn.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
            await conn.run_sync(migrate)
            counts.append(await counted_by(conn) is not None)
    await engine.dispose()
    assert counts == [True, False]
