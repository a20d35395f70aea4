"""A base made by an earlier release, with people at several statements, is taken over as it stands.

`bases/0019.jsonl` is all that one held, a line a table: two campaigns, eight people at four places,
a list that time changes, points. It was made by the release whose last migration that is.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from relance.testing import VirtualClock
from server.runtime import Runtime
from server.settings import load_settings
from server.store.migrate import config
from tests.store.test_upgrade import asynchronous

BASES = Path(__file__).parent / "bases"
#: Half an hour after what the base tells last.
NOW = datetime(2026, 12, 5, 20, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
VERSIONS = "SELECT id, campaign_id, hash FROM versions ORDER BY id"
PEOPLE = "SELECT lead_id, campaign_id, version_id, active, statement, moves FROM enrolments ORDER BY 1, 2"
BESIDE = (
    "SELECT number, built_to FROM dynamic_lists ORDER BY number",
    "SELECT lead_id, list_key, since FROM list_members ORDER BY lead_id, list_key",
    "SELECT id, score FROM leads ORDER BY id",
    "SELECT lead_id, topic, campaign_id, entry FROM waits ORDER BY lead_id, topic",
)
#: What became of them with the release that made the base: in each campaign, how and by how many
#: moves; and which way each was drawn.
ENDED = [
    *((1, "finished", 27), (2, "finished", 27), (3, "finished", 27), (4, "finished", 27)),
    *((5, "finished", 23), (6, "success", 21), (7, "finished", 23), (8, "finished", 23)),
]
DRAWN = [
    *((1, "Chiffre"), (2, "Chiffre"), (3, "Chiffre"), (4, "Question")),
    *((5, "Question"), (6, "Question"), (7, "Question"), (8, "Question")),
]

Tables = Mapping[str, list[dict[str, Any]]]


def told(name: str) -> Tables:
    """What the base of that release held, by table."""
    lines = (BASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return {
        one["table"]: [dict(zip(one["columns"], map(_read, row), strict=True)) for row in one["rows"]]
        for one in map(json.loads, lines)
    }  # fmt: skip


def _read(value: Any) -> Any:
    match value:
        case {"base64": data}:
            return base64.b64decode(data)
        case {"date": day}:
            return datetime.fromisoformat(day).date()
    return value


def fill(conn: Connection, version: str, tables: Tables) -> None:
    """Make a base of that version which holds these rows."""
    command.upgrade(config(conn), version)
    for row in tables["lead_fields"]:
        conn.execute(text(f"ALTER TABLE leads ADD COLUMN {row['column']} DATE"))
    found = MetaData()
    found.reflect(conn)
    for name, rows in tables.items():
        conn.execute(found.tables[name].insert(), rows)
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT setval(pg_get_serial_sequence('publications', 'number'), 1)"))


def lay(folder: Path, tables: Tables) -> None:
    """The project's files, as the base has them published."""
    held = {row["hash"]: zlib.decompress(row["content"]) for row in tables["publication_files"]}
    for name, digest in json.loads(tables["publications"][-1]["files"]).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(held[digest])


async def answers(server: Runtime, *queries: str) -> list[list[tuple[Any, ...]]]:
    async with server.store.read() as conn:
        return [[tuple(row) for row in await conn.execute(text(one))] for one in queries]


async def test_it_publishes_nothing_again_and_loses_nobody(empty_url: str, tmp_path: Path) -> None:
    tables, project = told("0019"), tmp_path / "projet"
    project.mkdir()
    lay(project, tables)
    engine = create_async_engine(asynchronous(empty_url))
    async with engine.begin() as conn:
        await conn.run_sync(fill, "0019", tables)
        before = [
            [tuple(row) for row in await conn.execute(text(one))] for one in (PEOPLE, *BESIDE)
        ]
    await engine.dispose()

    clock = VirtualClock(NOW)
    server = Runtime(load_settings(project, {"RELANCE_BASE": empty_url}), clock=clock)
    await server.open()
    (migrated,) = await answers(server, VERSIONS)
    await server.rules.refresh()
    counts = ("SELECT count(*) FROM publications", VERSIONS)
    assert await answers(server, *counts) == [[(2,)], migrated]
    assert await answers(server, PEOPLE, *BESIDE) == before

    while clock.now() < END:
        while await server.engine.tick():
            pass
        clock.set(server.engine.next_wake() or END)
    everybody = "SELECT lead_id, outcome, moves FROM enrolments WHERE campaign_id = 1"
    drawn = "SELECT lead_id, name FROM lead_tags WHERE name IN ('Chiffre', 'Question')"
    ended = await answers(server, f"{everybody} ORDER BY 1", f"{drawn} ORDER BY 1")
    assert ended == [ENDED, DRAWN]
    await server.close()
