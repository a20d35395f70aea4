"""A base made by an earlier release, with people at several statements, is taken over as it stands.

`bases/0019.jsonl` is all that one held, a line a table: two campaigns, eight people at four places,
a list that time changes, points. It was made by the release whose last migration that is. In
`bases/0023.jsonl` people also rest where they were drawn, some of them in a version that was published
before; `bases/0023-after.jsonl` is what then became of them with the release that made it.
"""

import base64
import json
import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from dsl.program_codec import codec, from_json
from dsl.rules import Conversion
from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.testing import VirtualClock
from server.engine.publication.inheritance import salts
from server.engine.seed import digest_of
from server.runtime import Runtime
from server.store.versions import config
from tests.store.test_upgrade import asynchronous
from tests.whole import saving

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

#: What a base holds of the second one where a project is nothing but lists.
ALONE = frozenset(
    [
        *("dynamic_lists", "flips", "identities", "lead_fields", "lead_tags", "leads"),
        *("list_members", "publication_files", "publications", "server_settings"),
    ]
)

#: What is asked of the second base in the end, as its own release answered.
AFTER = {
    "ways": "SELECT lead_id, campaign_id, entry, version_id, outcome, moves, entered_at, left_at "
    "FROM enrolments ORDER BY 1, 2, 3",
    "moves": "SELECT lead_id, campaign_id, entry, move, statement, branch, until, at FROM journal "
    "WHERE branch IS NOT NULL OR until IS NOT NULL ORDER BY 1, 2, 3, 4",
    "sent": "SELECT lead_id, message, count(*) FROM outbox GROUP BY lead_id, message ORDER BY 1, 2",
    "scores": "SELECT id, score FROM leads ORDER BY id",
    "points": "SELECT lead_id, delta, count(*) FROM points GROUP BY lead_id, delta ORDER BY 1, 2",
    "lists": "SELECT list_key, lead_id FROM list_members ORDER BY 1, 2",
    "tags": "SELECT lead_id, tag_key FROM lead_tags ORDER BY 1, 2",
    "conversions": "SELECT lead_id, count(*) FROM events WHERE type = 'converted' "
    "GROUP BY lead_id ORDER BY 1",
}

Tables = Mapping[str, list[dict[str, Any]]]


def base_of(name: str) -> Tables:
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
        for table, column in (("publications", "number"), ("leads", "id")):
            last = max(row[column] for row in tables[table])
            conn.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), {last})")
            )


def lay(folder: Path, tables: Tables) -> None:
    """The project's files, as the base has them published."""
    held = {row["hash"]: zlib.decompress(row["content"]) for row in tables["publication_files"]}
    for name, digest in json.loads(tables["publications"][-1]["files"]).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(held[digest])


async def answers(server: Runtime, *queries: str) -> list[list[tuple[Any, ...]]]:
    async with server.store.read() as conn:
        return [[tuple(row) for row in await conn.execute(text(one))] for one in queries]


async def made(name: str, url: str, project: Path, tables: Tables) -> list[list[tuple[Any, ...]]]:
    """Make the base of that release; who is where in it, and what is beside."""
    lay(project, tables)
    engine = create_async_engine(asynchronous(url))
    async with engine.begin() as conn:
        await conn.run_sync(fill, name, tables)
        before = [
            [tuple(row) for row in await conn.execute(text(one))] for one in (PEOPLE, *BESIDE)
        ]
    await engine.dispose()
    return before


async def settled(server: Runtime) -> None:
    while await server.engine.tick():
        pass


async def until(server: Runtime, clock: VirtualClock, at: datetime) -> None:
    """Let time pass, as it would."""
    await settled(server)
    while (due := server.engine.next_wake()) is not None and due <= at:
        clock.set(max(due, clock.now()))
        await settled(server)
    clock.set(at)
    await settled(server)


async def tell(server: Runtime, number: int, type_: str, subject: str) -> None:
    """Something happens to one of them, or to somebody new."""
    who = Identities(email=f"lead{number}@exemple.ca")
    await server.intake.record([Incoming("essai", who, {}, (NewEvent(type_, subject),))])
    await settled(server)


async def test_an_earlier_base_publishes_nothing_again_and_loses_nobody(
    empty_url: str, tmp_path: Path
) -> None:
    project = tmp_path / "projet"
    before = await made("0019", empty_url, project, base_of("0019"))
    clock = VirtualClock(NOW)
    server = Runtime(saving(project, {"RELANCE_BASE": empty_url}), clock=clock)
    await server.open()
    (migrated,) = await answers(server, VERSIONS)
    await server.rules.refresh()
    counts = ("SELECT count(*) FROM publications", VERSIONS)
    assert await answers(server, *counts) == [[(2,)], migrated]
    assert await answers(server, PEOPLE, *BESIDE) == before

    while clock.now() < END:
        await settled(server)
        clock.set(server.engine.next_wake() or END)
    everybody = "SELECT lead_id, outcome, moves FROM enrolments WHERE campaign_id = 1"
    drawn = "SELECT lead_id, name FROM lead_tags WHERE name IN ('Chiffre', 'Question')"
    ended = await answers(server, f"{everybody} ORDER BY 1", f"{drawn} ORDER BY 1")
    assert ended == [ENDED, DRAWN]
    await server.close()


async def test_those_inside_go_on_where_they_are_drawn_as_they_were(
    empty_url: str, tmp_path: Path
) -> None:
    project = tmp_path / "projet"
    before = await made("0023", empty_url, project, base_of("0023"))
    clock = VirtualClock(datetime(2026, 12, 5, 21, tzinfo=UTC))
    server = Runtime(saving(project, {"RELANCE_BASE": empty_url}), clock=clock)
    await server.open()
    await server.rules.refresh()
    kept = (
        "SELECT count(*) FROM versions",
        "SELECT name FROM server_settings WHERE name = 'identities'",
    )
    assert await answers(server, *kept) == [[(3,)], []]
    assert await answers(server, PEOPLE, *BESIDE) == before
    await _journal_has_no_words(server)

    await tell(server, 4, "page_visited", "/prix")
    await tell(server, 19, "form_submitted", "Infolettre")
    await tell(server, 7, "page_visited", "/essai")
    await until(server, clock, datetime(2027, 1, 4, 15, tzinfo=UTC))
    for number in range(3, 10):  # they come back, and are drawn again
        await tell(server, number, "form_submitted", "Infolettre")
    await until(server, clock, clock.now() + timedelta(days=37))
    found = dict(zip(AFTER, await answers(server, *AFTER.values()), strict=True))
    assert found == became()
    await server.close()


def became() -> dict[str, list[tuple[Any, ...]]]:
    """What the release that made the second base answers to `AFTER`."""
    lines = (BASES / "0023-after.jsonl").read_text(encoding="utf-8").splitlines()
    return {one["asked"]: [tuple(row) for row in one["rows"]] for one in map(json.loads, lines)}


async def test_versions_that_do_the_same_each_keep_what_they_were_drawn_by(
    empty_url: str, tmp_path: Path
) -> None:
    tables = base_of("0023")
    former, latest = (row for row in tables["versions"] if row["campaign_id"] == 1)
    # The script was reworded since: the same is done, drawn by other words.
    former["program"] = latest["program"].replace('"salt":"parcours/', '"salt":"en d’autres mots/')
    former["source"] = latest["source"]
    await made("0023", empty_url, tmp_path / "projet", tables)
    clock = VirtualClock(datetime(2026, 12, 5, 21, tzinfo=UTC))
    server = Runtime(saving(tmp_path / "projet", {"RELANCE_BASE": empty_url}), clock=clock)
    await server.open()
    ((one, _, other),) = await answers(server, "SELECT program FROM versions ORDER BY id")
    for stored, row in ((one[0], former), (other[0], latest)):
        was = [f"~{digest_of(salt).hex()}" for salt in salts(from_json(row["program"]))]
        assert len(was) == 4
        assert list(salts(from_json(stored))) == was
        assert not any(each.key.startswith("~") for each in from_json(stored).statements)

    await server.rules.refresh()  # what is published next is drawn as the last version is
    assert await answers(server, "SELECT count(*) FROM versions") == [[(3,)]]
    await server.close()


async def test_lists_alone_are_taken_over_as_they_are_built(empty_url: str, tmp_path: Path) -> None:
    tables = {name: rows for name, rows in base_of("0023").items() if name in ALONE}
    script = tables["publication_files"][1]
    written = zlib.decompress(script["content"]).decode().partition("pointage")[0]
    script["content"] = zlib.compress(written.encode())
    before = await made("0023", empty_url, tmp_path / "projet", tables)
    engine = create_async_engine(asynchronous(empty_url))
    async with engine.begin() as conn:  # the release after it took the base over already
        await conn.run_sync(lambda inner: command.upgrade(config(inner), "0024"))
        await conn.execute(text("DELETE FROM server_settings WHERE name = 'identities'"))
    await engine.dispose()
    clock = VirtualClock(datetime(2026, 12, 5, 21, tzinfo=UTC))
    server = Runtime(saving(tmp_path / "projet", {"RELANCE_BASE": empty_url}), clock=clock)
    await server.open()
    await server.rules.refresh()
    assert await answers(server, PEOPLE, *BESIDE) == before
    await settled(server)
    list_events = "SELECT count(*) FROM events WHERE type LIKE 'list_%'"
    assert await answers(server, PEOPLE, *BESIDE, list_events) == [*before, [(0,)]]
    await server.close()


async def test_what_is_published_last_says_how_the_next_is_drawn(
    empty_url: str, tmp_path: Path
) -> None:
    await made("0023", empty_url, tmp_path / "projet", base_of("0023"))
    clock = VirtualClock(datetime(2026, 12, 5, 21, tzinfo=UTC))
    settings = saving(tmp_path / "projet", {"RELANCE_BASE": empty_url})
    server = Runtime(settings, clock=clock)
    await server.open()
    async with server.store.write() as conn:  # as if former versions alone had compiled
        await conn.execute(text("INSERT INTO server_settings VALUES ('identities', '')"))
        await conn.execute(text(f"UPDATE seeds SET seed = '~{'0' * 64}'"))
    await server.close()
    server = Runtime(settings, clock=clock)
    await server.open()
    await server.rules.refresh()
    assert await answers(server, "SELECT count(*) FROM versions") == [[(3,)]]
    await server.close()


async def test_a_version_that_compiles_no_more_runs_on_as_it_is_stored(
    empty_url: str, tmp_path: Path
) -> None:
    tables = base_of("0023")
    former = next(row for row in tables["versions"] if row["id"] == 1)
    former["source"] = "campagne « Parcours »\n  Danser la gigue\nfin\n"
    clock = VirtualClock(datetime(2026, 12, 5, 21, tzinfo=UTC))
    before = await made("0023", empty_url, tmp_path / "projet", tables)
    server = Runtime(saving(tmp_path / "projet", {"RELANCE_BASE": empty_url}), clock=clock)
    await server.open()
    assert await answers(server, PEOPLE, *BESIDE) == before
    ((stored,),) = (await answers(server, "SELECT program FROM versions WHERE id = 1"))[0:1]
    assert all(one.key.startswith("~") for one in from_json(stored[0]).statements)

    await until(server, clock, datetime(2026, 12, 31, tzinfo=UTC))
    ways = (await answers(server, AFTER["ways"]))[0]
    first = [row for row in became()["ways"] if row[1] == 1 and row[3] == 1]
    assert [row for row in ways if row[1] == 1 and row[3] == 1] == first
    await server.close()


async def _journal_has_no_words(server: Runtime) -> None:
    """Every version is known by what it says, the former one too; draws by what they were worth."""
    versions, rules = await answers(
        server, "SELECT program FROM versions", "SELECT rule FROM standing_rules"
    )
    for (stored,) in versions:
        assert " " not in "".join(re.findall(r'"what":"([^"]*)"', stored))  # ids, never words
        program = from_json(stored)
        assert not [one.key for one in program.statements if one.key.startswith("~")]
        assert all(salt.startswith("~") for salt in salts(program))
    for (stored,) in rules:
        rule = codec.from_json(stored)
        keys = [rule.trigger.key, *([] if isinstance(rule, Conversion) else [rule.key])]
        assert all(key.startswith("~") for key in keys)
