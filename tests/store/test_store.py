import asyncio
import runpy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Text, literal, select, text

from relance.errors import ConfigurationError
from relance.testing import VirtualClock
from server.store import connect, measured
from server.store.schema.metadata import metadata
from server.store.search import bears, search_key
from server.store.store import Store


async def test_the_migrations_make_the_schema_the_tables_describe(store: Store) -> None:
    def has(item: Any, name: str | None, *others: object) -> bool:
        if name == measured.NAME:  # it follows what plugins declare
            return False
        return item.info.get("only", store.dialect) == store.dialect

    opts = {"include_object": has}
    async with store.write() as conn:
        differences = await conn.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync, opts=opts), metadata)
        )
    assert differences == []


async def test_a_declared_field_is_a_column_that_survives_reopening(
    empty_url: str, clock: VirtualClock
) -> None:
    store = await Store.open(empty_url, clock)
    await store.declare_fields([("Pointure été", "nombre", ()), ("taille", "choix", ("P", "G"))])
    async with store.write() as conn:
        await conn.execute(
            store.fields.table.insert().values(created_at=1, f_pointure_ete=Decimal("42.5"))
        )
    await store.close()
    again = await Store.open(empty_url, clock)
    await again.declare_fields([("pointure ete", "nombre", ())])
    found = again.fields.get("pointure été")
    assert found is not None
    async with again.read() as conn:
        value = await conn.scalar(again.fields.table.select().with_only_columns(found.column))
    assert value == Decimal("42.5")
    assert again.fields.get("Taille").choices == ("P", "G")
    with pytest.raises(ConfigurationError):
        await again.declare_fields([("pointure été", "date", ())])
    await again.close()


async def test_a_name_from_outside_is_the_field_it_can_only_be(store: Store) -> None:
    await store.declare_fields([("Note A+", "nombre", ()), ("Note A-", "nombre", ())])
    meant = {
        name: store.fields.recognised(name) for name in ("Ville * :", "note a+", "Note A", "*")
    }
    known = {name: None if field is None else field.name for name, field in meant.items()}
    assert known == {"Ville * :": "ville", "note a+": "Note A+", "Note A": None, "*": None}


async def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    async def fail() -> None:
        async with store.write() as conn:
            await conn.execute(text("INSERT INTO lists (key, name) VALUES ('a', 'A')"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with store.read() as conn:
        assert await conn.scalar(text("SELECT count(*) FROM lists")) == 0


async def test_writers_wait_for_each_other(store: Store) -> None:
    async def add(number: int) -> None:
        async with store.write() as conn:
            await conn.execute(
                text("INSERT INTO lists (key, name) VALUES (:key, 'A')"), {"key": str(number)}
            )
            await asyncio.sleep(0)

    await asyncio.gather(*(add(number) for number in range(20)))
    async with store.read() as conn:
        assert await conn.scalar(text("SELECT count(*) FROM lists")) == 20


@pytest.mark.parametrize(
    "written", ["MONTRÉAL", "Œuf", "l’été", "Straße", "Ÿ Ž ø", "a\u00a0b", "日本", "e\u0301"]
)
async def test_both_stores_fold_texts_as_python_does(store: Store, written: str) -> None:
    async with store.write() as conn:
        leads = store.fields.table
        await conn.execute(leads.insert().values(created_at=1, f_ville=written))
        from server.store.search import folded

        found = await conn.scalar(leads.select().with_only_columns(folded(leads.c.f_ville)))
    assert found == search_key(written)


async def test_a_word_is_found_in_the_texts_that_hold_it_once_folded(store: Store) -> None:
    texts = ["Côté", "COTE", "De\u0301cote\u0301", "Cœur", "Coeur", "[A]", "a^B", "D’Or"]
    texts += [
        "100 %",
        "a_b",
        "é*",
        "é?",
        "x-À",
        "",
        "Ñandú\u00a0côte",
        "Straße",
        "Ǎc",
        "É]",
        "d'OR",
    ]
    words = ("cote", "oe", "c", "[a", "a^b", "]", "%", "_", "*", "?", "-a", "d'or", "ss", "e")
    wanted = [(one, word, inside) for one in texts for word in words for inside in (False, True)]
    wrong = []
    async with store.read() as conn:
        for one, word, inside in wanted:
            said = bears(literal(one, Text), word, conn.dialect.name, inside=inside)
            key = search_key(one)
            if bool(await conn.scalar(select(said))) is not (
                word in key if inside else key.startswith(word)
            ):
                wrong.append((one, word, inside))
        nobody = bears(literal(None, Text), "a", conn.dialect.name, inside=True)
        assert not await conn.scalar(select(nobody))
    assert wrong == []


def test_ids_grow_even_when_the_clock_stands_still(clock: VirtualClock) -> None:
    from server.store.ids import EventIds, floor_of
    from server.store.instants import now_micros

    ids = EventIds(clock)
    before = floor_of(now_micros(clock))
    first = ids.next()
    many = ids.reserve(10)
    assert before < first < many
    assert ids.next() == many + 10
    clock.advance(seconds=1)
    assert ids.next() > floor_of(now_micros(clock)) > many + 10


async def test_a_commit_waits_until_the_disk_has_it(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside the tests, whose processes alone are killed."""
    released = runpy.run_path(connect.__file__)["FLUSHED"]
    monkeypatch.setattr(connect, "FLUSHED", released)
    store = await Store.open(f"sqlite:///{tmp_path}/relance.db", clock)
    async with store.write() as conn:
        assert (await conn.exec_driver_sql("PRAGMA synchronous")).scalar_one() == 2  # FULL
    await store.close()
