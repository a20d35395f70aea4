"""What spreading a base by lead would take is told beforehand; nothing is spread."""

import json
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from server.cli.outcome import MISUSED, WRONG
from server.reports.reader import reading_as_it_is
from server.reports.spreading import POPULATIONS, size, spreading_reports
from server.store.schema.metadata import metadata
from server.store.spreading import spread_plan
from tests.cli.conftest import Said


def put(project: Path, address: str) -> None:
    """Give the project that base."""
    (project / "relance.toml").write_text(f'base = "{address}"\n', encoding="utf-8")


def test_the_command_tells_of_every_table_where_it_would_go_and_what_more_leads_would_take(
    project: Path, relance: Callable[..., Said], lent_postgresql: str
) -> None:
    put(project, lent_postgresql)
    code, out, _ = relance("repartir", project, "--essai", "--json")
    found = json.loads(out)
    assert (code, found["base"]["leads"], found["base"]["octets_par_lead"]) == (0, 0, None)
    assert found["base"]["citus"] is None
    assert {one["table"] for one in found["tables"]} == set(metadata.tables)
    places = {one["table"]: (one["place"], one["colonne"]) for one in found["tables"]}
    assert places["events"] == ("by_lead", "lead_id")
    assert places["leads"] == ("by_lead", "id")
    assert places["identities"] == ("by_key", "value")
    assert places["campaigns"] == ("everywhere", None)
    assert found["populations"] == []
    assert found["reste"]
    code, out, _ = relance("repartir", project, "--essai")
    assert code == 0
    assert "trop peu de leads" in out
    assert "absent de cette base" in out


async def test_a_base_with_leads_says_what_each_takes_and_what_a_thousand_millions_would(
    lent_postgresql: str,
) -> None:
    conn = await asyncpg.connect(lent_postgresql)
    await conn.execute(
        "INSERT INTO leads (id, created_at) SELECT g, 0 FROM generate_series(1, 2000) g"
    )
    await conn.close()
    async with reading_as_it_is(lent_postgresql) as reader, reader.read() as conn_:
        parts = spreading_reports(await spread_plan(conn_)).parts
    leads = [row[0] for row in parts["populations"].rows]
    assert leads == list(POPULATIONS)


def test_the_command_spreads_nothing_yet_and_refuses_a_file_and_a_base_of_another_release(
    project: Path, relance: Callable[..., Said], empty_url: str
) -> None:
    put(project, empty_url)
    code, out, err = relance("repartir", project, "--essai")
    if empty_url.startswith("sqlite"):
        assert (code, out) == (WRONG, "")
        assert "SQLite" in err
        return
    assert (code, out) == (MISUSED, "")
    assert "Cette base est vide" in err
    code, out, err = relance("repartir", project)
    assert (code, out) == (WRONG, "")
    assert "rien n’a été changé" in err


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (0, "0\u00a0o"),
        (999, "999\u00a0o"),
        (1_400_000, "1,4\u00a0Mo"),
        (41_000_000_000_000, "41\u00a0To"),
    ],
)
def test_a_size_is_written_in_the_unit_that_makes_it_short(octets: int, words: str) -> None:
    assert size(octets) == words
