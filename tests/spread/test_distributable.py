"""Every statement the engine and the intake run on PostgreSQL could be run by nodes that share leads.

Those that could not are named, each with its reason: what is left to be done before a base may be
spread (`docs/repartir.md`). Nothing may be added to them unseen.
"""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import greenlet
import pytest
from sqlalchemy import Table, event
from sqlalchemy.engine import Engine
from sqlalchemy.schema import CreateTable

from relance.testing import VirtualClock
from server.engine import batch
from server.engine.effects.rewriting import rewritten
from server.engine.transfer import positions
from server.plugins import load_plugins
from server.store.placement import Placement, lead_column, placed, placement
from server.store.schema.metadata import metadata
from server.store.store import Store
from tests.spread.distributable import Catalogue, Fault, Spread, faults
from tests.spread.season import play
from tests.spread.trees import analysed

#: The tables of a tick that are of leads, and those that are of its versions and values.
OF_LEADS: tuple[Table, ...] = (*batch.TABLES, positions.movers)
OTHERS: tuple[Table, ...] = (positions.places, positions.crossed, positions.ends, rewritten)

_MERGE = "two leads that become one: rows pass from a lead to another, hence from a node to another"
_LOCK = "a tick holds the rows it takes: the lock of their shard is to stand for that"
_LAST = "the last row of a key, read off its index: a sum by lead would read them all"


@dataclass(frozen=True)
class Known:
    """What cannot be spread yet: by the module, or the function of it, that runs it."""

    reason: str
    faults: frozenset[Fault]
    #: Only where the statement holds that.
    holds: str = ""


def known(reason: str, *faults: Fault, holds: str = "") -> Known:
    return Known(reason, frozenset(faults), holds)


_MERGING = known(_MERGE, *Fault)
KNOWN: Mapping[str, Known] = {
    "server.store.merges": _MERGING,
    "server.store.moving": _MERGING,
    "server.store.separation": _MERGING,
    "server.store.goal_counts:merge": _MERGING,
    "server.store.tallies:forget_moving": _MERGING,
    "server.engine.matching": known(_LOCK, Fault.LOCKED, holds="FOR UPDATE"),
    "server.engine.watches:claim": known(_LOCK, Fault.LOCKED),
    "server.engine.triggers.entries:run": known(_LAST, Fault.GATHERED, holds="max(other.entry)"),
    "server.engine.tallies.tallies:keep": known(
        "whether a lead has more events than so many, without counting them all", Fault.GATHERED
    ),
    "server.engine.triggers.backlog:_groups": known(
        "once a publication: of each version, whether anybody missed something", Fault.GATHERED
    ),
    "server.engine.lists.declared:publish": known(
        "once a publication: a list that has members keeps its place", Fault.APART
    ),
    "server.engine.lists.members:look": known(_LAST, Fault.GATHERED, holds="FROM visits"),
    "server.engine.statements.statements:run": known(_LAST, Fault.GATHERED, holds="FROM visits"),
    "server.dispatch.claims:_waiting": known(
        "a lane holds the messages it takes, and writes to who a lead has become",
        Fault.JOINED,
        Fault.LOCKED,
    ),
}
#: What carries statements to the base.
_CARRIERS = frozenset({"server.store.store", "server.store.bulk", "server.engine.tick"})


@contextmanager
def listening() -> Iterator[dict[str, str]]:
    """The statements executed meanwhile, each with the function of the server that first ran it."""
    found: dict[str, str] = {}

    def asked(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            found.setdefault(statement, _place())

    event.listen(Engine, "before_cursor_execute", asked)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", asked)


def _place() -> str:
    here: Any = greenlet.getcurrent()
    frame: Any = sys._getframe(1)
    while here is not None:
        while frame is not None:
            name = str(frame.f_globals.get("__name__", ""))
            if name.startswith("server.") and name not in _CARRIERS:
                return f"{name}:{frame.f_code.co_name}"
            frame = frame.f_back
        here = here.parent
        frame = None if here is None else here.gr_frame
    return ""


def of(place: str) -> tuple[str, Known] | None:
    """What is known of a place, under which name."""
    name = place if place in KNOWN else place.partition(":")[0]
    return (name, KNOWN[name]) if name in KNOWN else None


async def judged(address: str, statements: Mapping[str, str]) -> Mapping[str, list[Fault]]:
    """What is wrong with each statement, of those with which something is."""
    store = await Store.open(address, VirtualClock())
    async with store.unbound() as conn:
        for table in (*OF_LEADS, *OTHERS):
            await conn.execute(CreateTable(table, if_not_exists=True))
        driver: Any = (await conn.get_raw_connection()).driver_connection
        catalogue = await Catalogue.read(driver, spread())
        found = {one: faults(catalogue, await analysed(driver, one)) for one in statements}
    await store.close()
    return {one: several for one, several in found.items() if several}


def spread() -> Spread:
    """How the tables of the base would be spread, and those of a tick beside them."""
    by_lead = {one.name: column for one in metadata.sorted_tables if (column := lead_column(one))}
    everywhere = [one.name for one in (*placed(Placement.EVERYWHERE), *OTHERS)]
    return Spread(by_lead | {one.name: "lead_id" for one in OF_LEADS}, frozenset(everywhere))


@pytest.mark.timeout(180)
def test_no_statement_of_a_season_keeps_leads_from_being_spread_but_those_that_are_known(
    lent_postgresql: str,
) -> None:
    with listening() as statements:
        asyncio.run(play(lent_postgresql, load_plugins()))
    assert len(statements) > 300
    found = asyncio.run(judged(lent_postgresql, statements))
    new, met = [], set()
    for statement, several in found.items():
        place = statements[statement]
        name, allowed = of(place) or ("", known(""))
        met.add(name)
        if not set(several) <= allowed.faults or allowed.holds not in statement:
            new.append(f"{place} {'; '.join(several)}: {statement}")
    assert not new, "\n".join(new)
    assert met == set(KNOWN), "what is no more, or is not played any more, is to be taken out"


LEADS = Spread({"lead": "id", "form": "lead_id", "mail": "lead_id"}, frozenset({"rule"}))
WRONG = {
    "SELECT 1 FROM form JOIN mail ON mail.about = form.about": Fault.JOINED,
    "SELECT 1 FROM form JOIN mail ON mail.lead_id = form.lead_id + 0": Fault.JOINED,
    "SELECT 1 FROM form WHERE EXISTS (SELECT 1 FROM mail WHERE mail.about = form.about)": Fault.JOINED,
    "SELECT (SELECT max(about) FROM mail WHERE mail.lead_id = form.lead_id) FROM form": Fault.GATHERED,
    "SELECT 1 FROM form WHERE EXISTS (SELECT DISTINCT about FROM mail WHERE mail.lead_id = form.lead_id)": Fault.GATHERED,
    "SELECT (SELECT row_number() OVER () FROM mail WHERE mail.lead_id = form.lead_id) FROM form": Fault.GATHERED,
    "SELECT 1 FROM form JOIN shelf ON shelf.number = form.about": Fault.APART,
    "UPDATE shelf SET number = 1 FROM form WHERE form.about = shelf.number": Fault.APART,
    "SELECT 1 FROM form ORDER BY about LIMIT 1 FOR UPDATE SKIP LOCKED": Fault.LOCKED,
    "UPDATE form SET said = json_build_array(about)::text": Fault.STABLE,
    "UPDATE form SET said = day::text": Fault.STABLE,
    "UPDATE form SET said = now()::text WHERE lead_id = $1::bigint": Fault.STABLE,
    "INSERT INTO form VALUES (1, 2, '') ON CONFLICT (lead_id) DO UPDATE SET said = concat(form.said)": Fault.STABLE,
    "UPDATE form SET lead_id = lead_id + 1": Fault.MOVED,
    "INSERT INTO mail SELECT about, about FROM form": Fault.SCATTERED,
}
RIGHT = (
    "SELECT 1 FROM form JOIN mail USING (lead_id) JOIN lead ON lead.id = mail.lead_id",
    "SELECT 1 FROM form JOIN rule ON rule.number = form.about",
    "SELECT (SELECT max(about) FROM mail WHERE mail.lead_id = form.lead_id GROUP BY lead_id) FROM form",
    "SELECT (SELECT rank() OVER (PARTITION BY lead_id ORDER BY about) FROM mail WHERE mail.lead_id = form.lead_id) FROM form",
    "SELECT 1 FROM form WHERE about IN (SELECT max(about) FROM mail)",
    "SELECT 1 FROM form WHERE lead_id = $1::bigint ORDER BY about LIMIT 1 FOR UPDATE",
    "UPDATE form SET said = mail.about::text || $1::text FROM mail WHERE mail.lead_id = form.lead_id",
    "UPDATE form SET about = 1 WHERE lead_id IN (SELECT lead_id FROM mail)",
    "INSERT INTO mail SELECT lead_id, about FROM form ON CONFLICT DO NOTHING",
    "SELECT number FROM shelf FOR UPDATE",
)


async def test_each_kind_of_statement_that_cannot_be_spread_is_seen_and_no_other(
    lent_postgresql: str,
) -> None:
    conn = await asyncpg.connect(lent_postgresql)
    await conn.execute(
        "CREATE TEMPORARY TABLE lead (id bigint); CREATE TEMPORARY TABLE rule (number int);"
        "CREATE TEMPORARY TABLE form (lead_id bigint PRIMARY KEY, about int, said text, day date);"
        "CREATE TEMPORARY TABLE mail (lead_id bigint, about int); CREATE TEMPORARY TABLE shelf (number int)"
    )
    catalogue = await Catalogue.read(conn, LEADS)
    for statement, fault in WRONG.items():
        assert fault in faults(catalogue, await analysed(conn, statement)), statement
    for statement in RIGHT:
        assert not faults(catalogue, await analysed(conn, statement)), statement
    await conn.close()


def test_whatever_is_kept_whole_by_lead_is_told_apart_by_lead_in_every_unique_key() -> None:
    for table in placed(Placement.BY_LEAD):
        column = lead_column(table)
        for index in table.indexes:
            assert not index.unique or column in index.columns, index.name
    assert {placement(one) for one in metadata.sorted_tables} == set(Placement)
