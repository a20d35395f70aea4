"""What a base lacks to be of this release is told before anything is changed; each migration says what it is."""

import ast
import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from relance.errors import ConfigurationError
from relance.testing import VirtualClock
from server.cli.outcome import WRONG
from server.reports.migrations import migrations_report
from server.store import migration_state as states
from server.store.expansion import DECLARED_SINCE
from server.store.migration_state import MigrationState, migration_state
from server.store.store import Store
from server.store.versions import config, head
from tests.docs.test_documents import ROOT
from tests.processes import command as relance
from tests.store.test_upgrade import asynchronous

VERSIONS = ROOT / "server" / "store" / "migrations" / "versions"
BEFORE = "0048"
#: What adds, and takes nothing from who wrote the tables before.
ADDS = frozenset({"create_table", "create_index", "add_column", "get_bind", "f"})


async def looked(url: str, version: str, *statements: str) -> MigrationState:
    """A base of that version, where these were done."""
    engine = create_async_engine(asynchronous(url))
    async with engine.begin() as conn:
        await conn.run_sync(lambda sync: command.upgrade(config(sync), version))
        for statement in statements:
            await conn.execute(text(statement))
        found = await conn.run_sync(migration_state)
    await engine.dispose()
    return found


async def test_a_base_of_this_release_lacks_nothing(empty_url: str) -> None:
    found = await looked(empty_url, "head", "DELETE FROM server_settings")
    assert (found.version, found.pending, found.lacking, found.unfinished) == (head(), [], [], [])
    assert found.done


async def test_each_migration_that_is_left_is_told_in_order_and_whether_it_only_adds(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await looked(empty_url, BEFORE)
    numbers = [one.number for one in found.pending]
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == ("0049", head())
    assert not found.done
    assert not found.expands, "those from before say nothing of it"
    monkeypatch.setattr(states, "numbered", lambda: {"0048": None, "0049": True, "0050": True})
    assert (await looked(empty_url, BEFORE)).expands


async def test_a_base_with_no_table_yet_is_told_to_be_new_and_asks_nothing(empty_url: str) -> None:
    engine = create_async_engine(asynchronous(empty_url))
    async with engine.connect() as conn:
        found = await conn.run_sync(migration_state)
    await engine.dispose()
    parts = migrations_report(found).parts
    assert parts["migrations"].rows == ()
    assert parts["base"].notes == (
        "Cette base est vide : ses tables sont créées au premier démarrage, ou par "
        "«\u00a0relance migrer-base\u00a0».",
    )


async def test_what_a_migration_left_half_done_is_named(empty_url: str) -> None:
    found = await looked(
        empty_url,
        "head",
        "DROP TABLE shard_raises",
        "DROP INDEX leads_merged",
        "INSERT INTO server_settings (name, value) VALUES ('rekeying', '{}') ON CONFLICT DO NOTHING",
    )
    assert set(found.lacking) >= {"leads_merged", "shard_raises"}
    assert "rekeying" in found.unfinished
    assert not found.done


async def test_a_server_refuses_to_open_what_was_left_half_done_and_says_what_lacks(
    empty_url: str,
) -> None:
    await looked(empty_url, "head", "ALTER TABLE outbox DROP COLUMN reference")
    with pytest.raises(ConfigurationError, match=r"il y manque outbox.reference"):
        await Store.open(empty_url, VirtualClock())


async def test_a_base_of_a_later_release_is_told_as_such(empty_url: str) -> None:
    found = await looked(empty_url, "head", "UPDATE alembic_version SET version_num = '9999'")
    assert (found.version, found.known, found.pending, found.done) == ("9999", False, [], False)


async def test_the_command_says_it_changes_nothing_and_ends_by_1_until_all_is_done(
    tmp_path: Path,
) -> None:
    (tmp_path / ".relance").mkdir()
    url = f"sqlite:///{tmp_path}/.relance/relance.db"
    await looked(url, BEFORE)

    def asked(*words: str) -> Any:
        return relance("migrer-base", tmp_path, *words, variables={"COLUMNS": "200"})

    said = asked("--verifier")
    assert said.code == WRONG
    assert "0049" in said.out
    assert "arrêtez d’abord tous les processus" in said.out
    found = json.loads(asked("--verifier", "--json").out)
    assert (found["base"]["version"], found["base"]["a_jour"]) == (BEFORE, False)
    assert found["migrations"][0] == {"numero": "0049", "elargit": None}
    assert asked().code == 0
    done = asked("--verifier")
    assert (done.code, "La base est à jour." in done.out) == (0, True), done.out


def declared() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(VERSIONS.glob("[0-9]*.py")):
        if path.name[:4] >= DECLARED_SINCE:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def expands(tree: ast.Module) -> object:
    for node in tree.body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        names = node.targets if isinstance(node, ast.Assign) else [target]
        if any(isinstance(one, ast.Name) and one.id == "EXPANDS" for one in names):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            return ast.literal_eval(node.value) if node.value is not None else None
    return None


def test_each_migration_from_now_on_says_whether_it_expands() -> None:
    silent = [path.name for path, tree in declared() if not isinstance(expands(tree), bool)]
    assert silent == [], (
        "write « EXPANDS = True » if the release before can go on beside it, else False"
    )


def columns_added(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Of each column put on a table that was there, both names."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="add_column"),
                args=[
                    ast.Constant(value=str(table)),
                    ast.Call(args=[ast.Constant(value=str(name)), *_]),
                ],
            ):
                yield table, name


def fills(node: ast.Call, added: Collection[tuple[str, str]]) -> bool:
    """Whether it writes in one column, which the release before does not know."""
    match node.args:
        case [ast.Constant(value=str(statement))]:
            table = re.match(r"UPDATE (\w+) SET (\w+) = [^,]+$", statement)
            return table is not None and table.groups() in added
    return False


def beyond_adding(tree: ast.Module) -> Iterator[str]:
    """What such a migration does that may take something from the release before."""
    added = set(columns_added(tree))
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        of = node.func.value
        filling = node.func.attr == "execute" and fills(node, added)
        if (
            isinstance(of, ast.Name)
            and of.id == "op"
            and node.func.attr not in ADDS
            and not filling
        ):
            yield node.func.attr
        if node.func.attr == "add_column":
            (column,) = [one for one in node.args if isinstance(one, ast.Call)]
            given = {one.arg: one.value for one in column.keywords}
            nullable = given.get("nullable")
            bare = isinstance(nullable, ast.Constant) and nullable.value is False
            if bare and "server_default" not in given:
                yield "a column that the release before would leave empty"


def test_a_migration_that_says_it_expands_only_adds() -> None:
    wrong = {
        path.name: found
        for path, tree in declared()
        if expands(tree)
        for found in [list(beyond_adding(tree))]
        if found
    }
    assert wrong == {}, "it changes what the release before reads or writes: EXPANDS is False"
    changing = 'op.drop_table("x")\nop.add_column("x", sa.Column("y", nullable=False))'
    assert len(list(beyond_adding(ast.parse(changing)))) == 2
    adding = 'op.create_table("x")\nop.add_column("x", sa.Column("y", nullable=True))'
    assert list(beyond_adding(ast.parse(adding))) == []
    filling = 'op.add_column("x", sa.Column("y"))\nop.execute("UPDATE x SET {} = 1")'
    assert list(beyond_adding(ast.parse(filling.format("y")))) == []
    assert list(beyond_adding(ast.parse(filling.format("z")))) == ["execute"]
    assert list(beyond_adding(ast.parse(filling.format("y = 1, z")))) == ["execute"]
