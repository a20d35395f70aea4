"""A base of the version that took A+ and A- for one name, brought to the present one."""

from collections.abc import Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import create_async_engine

from relance.events import EventPattern, PropertyTest
from relance.testing import VirtualClock
from relance.values import Comparator
from server.engine.conditions.patterns import matches
from server.store import rekeying
from server.store.schema.events import events
from server.store.store import Store
from server.store.versions import config

EQUAL = Comparator.EQUAL
EVENT = (
    "INSERT INTO events (lead_id, type, id, subject, subject_key, context, context_key, "
    "occurred_at, received_at, properties, pending) VALUES "
)
#: As the version before wrote it: letters and digits alone, joined by hyphens.
BEFORE = [
    "INSERT INTO leads (id, created_at, score) VALUES (1, 5, 0), (2, 5, 0), (3, 5, 0)",
    f"{EVENT} (1, 'item_purchased', 1, 'AB.12', 'ab-12', 'Été à l’île', 'ete-a-l-ile', 1, 1, "
    """'{"prix-cad": 5}', false)""",
    f"{EVENT} (2, 'item_purchased', 2, 'AB-12', 'ab-12', NULL, NULL, 1, 1, NULL, false)",
    f"{EVENT} (3, 'page_viewed', 3, '/Été', '/Été', NULL, NULL, 1, 1, NULL, false)",
    f"{EVENT} (3, 'form_submitted', 4, '北京', '', NULL, NULL, 1, 1, NULL, true)",
    "INSERT INTO lists (key, name) VALUES ('promo-ete', 'Promo été'), ('r-d', 'R&D'), "
    "('clients', 'Clients')",
    "INSERT INTO list_members (lead_id, list_key, since) VALUES (1, 'promo-ete', 5), "
    "(2, 'promo-ete', 6), (3, 'promo-ete', 7), (1, 'r-d', 5), (1, 'clients', 5)",
    "INSERT INTO lead_tags (lead_id, tag_key, name, since) VALUES (1, 'a', 'A+', 5), "
    "(2, 'a', 'A-', 5), (3, 'client-fidele', 'Client fidèle', 5)",
    "INSERT INTO interests (lead_id, topic_key, topic, value) VALUES (1, 'c', 'C++', 5), "
    "(2, 'velo-de-route', 'Vélo de route', 3)",
    "INSERT INTO points (lead_id, id, topic_key, topic, at, delta, reason) "
    "VALUES (1, 1, 'c', 'C++', 5, 5, 'x'), (2, 2, NULL, NULL, 5, 1, 'y')",
    "INSERT INTO campaigns (key, name, active) VALUES ('relance-des-tarifs-2', "
    "'Relance des tarifs (2)', true)",
    "INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, statement, moves, "
    "entered_at, since_at, since_event) SELECT 1, id, 1, 1, true, 0, 0, 5, 5, 0 FROM campaigns",
    "ALTER TABLE leads ADD COLUMN f_note_a DOUBLE PRECISION",
    "INSERT INTO lead_fields (key, name, \"column\", type) VALUES ('note-a', 'Note A+', 'f_note_a',"
    " 'nombre')",
    "INSERT INTO team (key, name, position, turn) VALUES ('marc-tremblay', 'Marc Tremblay', 0, true)",
    "INSERT INTO tracked_links (key, name, url, utm, slug, withdrawn) VALUES "
    "('essai-50', 'Essai 50 %', 'https://exemple.ca', '{}', 'abc', false)",
    "INSERT INTO dynamic_lists (key, name, condition, told) VALUES "
    "('etiquetes-a', 'Étiquetés A+', '[]', true)",
]
AFTER = {
    "SELECT id, subject_key, context_key FROM events ORDER BY id": [
        (1, "ab.12", "ete a l'ile"),
        (2, "ab-12", None),
        (3, "/Été", None),
        (4, "北京", None),
    ],
    "SELECT id, subject_key FROM inbox": [(4, "北京")],
    "SELECT key FROM lists ORDER BY key": [("clients",), ("promo ete",), ("r&d",)],
    "SELECT list_key, count(*), max(since) FROM list_members GROUP BY list_key ORDER BY list_key": [
        ("clients", 1, 5),
        ("promo ete", 3, 7),
        ("r&d", 1, 5),
    ],
    "SELECT lead_id, tag_key, name FROM lead_tags ORDER BY lead_id": [
        (1, "a+", "A+"),
        (2, "a-", "A-"),
        (3, "client fidele", "Client fidèle"),
    ],
    "SELECT topic_key, value FROM interests ORDER BY lead_id": [("c++", 5), ("velo de route", 3)],
    "SELECT topic_key FROM points ORDER BY id": [("c++",), (None,)],
    "SELECT c.key, e.lead_id FROM enrolments e JOIN campaigns c ON c.id = e.campaign_id": [
        ("relance des tarifs (2)", 1)
    ],
    'SELECT key, "column" FROM lead_fields': [("note-a+", "f_note_a")],
    "SELECT key FROM team": [("marc tremblay",)],
    "SELECT key, slug FROM tracked_links": [("essai 50 %", "abc")],
    # Who is in it was counted under two names: it is to be built again.
    "SELECT key, built_to FROM dynamic_lists": [("etiquetes a+", 0)],
    "SELECT value FROM server_settings WHERE name = 'former_keys_until'": [("4",)],
    "SELECT value FROM server_settings WHERE name = 'rekeying'": [],
}


async def former(url: str) -> None:
    """A base as the version before left it."""
    url = url.replace("sqlite://", "sqlite+aiosqlite://")
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as conn:
        await conn.run_sync(lambda sync: command.upgrade(config(sync), "0007"))
        for statement in BEFORE:
            await conn.exec_driver_sql(statement)
    await engine.dispose()


async def found(store: Store, query: str) -> Sequence[Any]:
    async with store.read() as conn:
        return [tuple(row) for row in await conn.execute(text(query))]


@pytest.mark.parametrize("part", [1, 2, 5_000])
async def test_each_name_has_its_key_of_its_own_text(
    empty_url: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(rekeying, "PART", part)
    await former(empty_url)
    store = await Store.open(empty_url, clock)
    try:
        for query, rows in AFTER.items():
            assert await found(store, query) == rows, query
    finally:
        await store.close()


@pytest.mark.parametrize("last", [1, 4, 9, 14])
async def test_a_start_cut_short_goes_on_at_the_next(
    empty_url: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    monkeypatch.setattr(rekeying, "PART", 1)
    await former(empty_url)
    begun = 0
    whole = Store.write

    @asynccontextmanager
    async def write(self: Store):  # type: ignore[no-untyped-def]
        nonlocal begun
        begun += 1
        if begun > last:
            raise KeyboardInterrupt
        async with whole(self) as conn:
            yield conn

    with monkeypatch.context() as cut:
        cut.setattr(Store, "write", write)
        with pytest.raises(KeyboardInterrupt):
            await Store.open(empty_url, clock)
    store = await Store.open(empty_url, clock)
    try:
        for query, rows in AFTER.items():
            assert await found(store, query) == rows, query
    finally:
        await store.close()


async def test_a_base_without_leads_has_nothing_to_read_again(
    empty_url: str, clock: VirtualClock
) -> None:
    store = await Store.open(empty_url, clock)
    try:
        assert await found(store, "SELECT name FROM server_settings WHERE name LIKE '%key%'") == []
    finally:
        await store.close()


async def test_what_was_received_before_is_still_asked_by_its_former_properties(
    empty_url: str, clock: VirtualClock
) -> None:
    await former(empty_url)
    store = await Store.open(empty_url, clock)
    asked = [
        matches(
            EventPattern("item_purchased", properties=(PropertyTest(name, EQUAL, Decimal(5)),)),
            events,
            store.dialect,
        )
        for name in ("Prix (CAD)", "prix_cad", "Prix CAD", "Prix ($)")
    ]
    try:
        async with store.write() as conn:
            later = text(
                "INSERT INTO events (lead_id, type, id, occurred_at, received_at, properties) "
                "VALUES (2, 'item_purchased', 9, 1, 1, :p)"
            )
            await conn.execute(later, {"p": '{"prix-cad": 5}'})
            rows = [(await conn.scalars(select(events.c.id).where(one))).all() for one in asked]
    finally:
        await store.close()
    # Since then, « Prix (CAD) » has a key of its own.
    assert rows == [[1], [1, 9], [1, 9], []]


async def test_a_field_keeps_its_column_and_its_former_namesake_has_another(
    empty_url: str, clock: VirtualClock
) -> None:
    await former(empty_url)
    store = await Store.open(empty_url, clock)
    try:
        await store.declare_fields([("Note A+", "nombre", ()), ("Note A", "nombre", ())])
        await store.declare_fields([("Note A-", "nombre", ())])
        columns = [store.fields.get(f"Note A{sign}").column.name for sign in ("+", "", "-")]  # type: ignore[union-attr]
    finally:
        await store.close()
    assert columns[0] == "f_note_a"
    assert len(set(columns)) == 3
