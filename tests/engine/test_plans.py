"""What the server asks of its databases it asks by key: a crowd that nothing happens to is free."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import END, Act
from dsl.rules import PointRule
from relance.effects import Send
from relance.facts import Age, All, Compare, Field, Literal, Score
from relance.testing import VirtualClock
from relance.values import Change, Comparator
from server.publication.on_disk import on_disk
from server.reports.glossary import Glossary
from server.reports.ledger import read_ledger
from server.reports.people import find_lead, latest_leads
from server.reports.points import read_warmth
from server.simulation import run_scenarios
from server.store.ids import EventIds
from server.store.instants import HasNow
from server.store.schema.metadata import metadata
from server.store.store import Store
from tests.engine.triggers.test_state_triggers import when
from tests.engine.world import HERE, World, program
from tests.plans import crowd, growing, scanned_on_postgresql, scanned_on_sqlite, watched
from tests.simulation.project import SCENARIOS, built_in, of_folder
from tests.simulation.test_policy_scenarios import FOLDER as POLITIQUE

ADULT = Compare(Age(Field("date de naissance")), Comparator.AT_LEAST, Literal(25))
LATER = All((ADULT, Compare(Score(), Comparator.AT_LEAST, Literal(0))))
#: As many leads, and events, as a small shop has after some weeks.
LEADS, ROWS, EVENTS = 40_000, 40_000, 120_000
#: Statements that scenarios make the server run, at least.
MANY = 250


async def test_a_tick_asks_by_key(world: World) -> None:
    if world.store.dialect != "sqlite":
        pytest.skip("asked beside a crowd")
    await world.publish(
        program(Act("m", HERE, (Send("email", "m"),), END), entries=(when(LATER),)),
        lists={"Adultes": LATER},
        points=(PointRule("5", None, Change(5), when(LATER)),),
    )
    await world.settle()
    tomorrow = world.clock.now().date() + timedelta(days=1)
    lead = await world.lead(date_de_naissance=tomorrow.replace(year=tomorrow.year - 25))
    with watched() as found:
        await world.set(lead, score=1)
        await world.event(lead, "score_changed", None)
        await world.settle()
        await world.later(days=1)
    assert any("INTO flips" in each for each in found.executed)
    assert found.scans == []


def test_going_through_a_table_is_seen() -> None:
    mended = "UPDATE events SET proof = 0 FROM arrivals WHERE events.id = arrivals.id"
    assert scanned_on_sqlite(mended, ["SCAN events", "SEARCH arrivals"]) == {"events"}
    assert scanned_on_sqlite("SELECT 1 FROM leads AS l", ["SCAN l"]) == {"leads"}
    assert scanned_on_sqlite("SELECT 1 FROM leads l", ["SEARCH l USING INDEX x (id=?)"]) == set()
    assert scanned_on_sqlite("SELECT 1", ["SCAN outbox USING INDEX outbox_due"]) == set()


@pytest.fixture
def empty_postgresql(new_postgresql: Callable[[], str]) -> str:
    return new_postgresql()


async def test_beside_a_crowd_postgresql_goes_through_no_table_that_grows(
    empty_postgresql: str, monkeypatch: pytest.MonkeyPatch, clock: VirtualClock
) -> None:
    """Scenarios of every file are played; then the crowd comes, and each statement is explained."""
    store = await Store.open(empty_postgresql, clock)

    async def opened(_url: str, of_stage: HasNow) -> Store:
        store.ids = EventIds(of_stage)
        return store

    async def kept_open() -> None:
        """The tick's tables live as long as their connection."""

    monkeypatch.setattr(Store, "open", opened)
    monkeypatch.setattr(store, "close", kept_open)
    scenarios = [each for each in of_folder(SCENARIOS).scenarios if "_bornes" not in each.file]
    first = {each.file: each for each in reversed(scenarios)}.values()
    with watched() as found:
        await run_scenarios(
            of_folder(SCENARIOS),
            built_in(),
            people=built_in().people(on_disk(SCENARIOS)),
            wanted=lambda one: one in first,
            files=on_disk(SCENARIOS),
        )
        await _reports(store)
        await run_scenarios(of_folder(POLITIQUE), built_in(), files=on_disk(POLITIQUE))
    async with store.write() as conn:
        await _crowd(conn)
        scans = [
            f"{who} goes through {table}: {statement}"
            for statement, (who, parameters) in found.executed.items()
            for table in scanned_on_postgresql(await _plan(conn, statement, parameters))
        ]
    monkeypatch.undo()
    await store.close()
    assert len(found.executed) > MANY
    assert scans == [], "\n".join(scans)


async def _plan(conn: AsyncConnection, statement: str, parameters: Any) -> Sequence[Any]:
    given = tuple(parameters or ())
    found = await conn.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", given)
    plan: Sequence[Any] = found.scalar_one()
    return plan


async def _reports(store: Store) -> None:
    """What is asked of a person, and of a period."""
    async with store.read() as conn:
        lead = (await latest_leads(conn, 1))[0].id
        await find_lead(conn, "aline@exemple.ca")
        await find_lead(conn, "aline")
        await read_warmth(conn, lead)
    await read_ledger(store, lead, Glossary())


async def _crowd(conn: AsyncConnection) -> None:
    await conn.exec_driver_sql(crowd(metadata.tables["leads"], LEADS, LEADS))
    for name in sorted(growing() - {"leads"}):
        rows = EVENTS if name == "events" else ROWS
        await conn.exec_driver_sql(crowd(metadata.tables[name], LEADS, rows))
    await conn.exec_driver_sql("ANALYZE")
