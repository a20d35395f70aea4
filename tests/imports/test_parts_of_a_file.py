"""A file is read and settled by parts: what it makes of the base depends on none of their sizes."""

import asyncio
from pathlib import Path
from unittest.mock import patch

import pytest
from ftfy import badness
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.host import Identities, Incoming
from relance.testing import VirtualClock
from server.imports import delimited, mojibake
from server.imports.columns import ImportedColumn
from server.imports.delimited import Delimited
from server.intake.intake import Intake
from server.store.store import Store
from tests.imports.conftest import Desk

_ROW = st.tuples(
    st.sampled_from(["a@x.ca", " A@X.ca", "b@x.ca", "c@été.ca", "C@ÉTÉ.ca", "d@x.ca", "zut", ""]),
    st.sampled_from(["", "514 555-0101", "+1 514 555 0101", "514 555-0102", "514 555-0103", "12"]),
    st.sampled_from(["", "Laval", "Québec", "QuÃ©bec", "2,00235E+11"]),
    st.sampled_from(["", "Un", "un | Deux", "Deux"]),
    st.sampled_from(["", "", "2026-01-01", "2025-01-01", "hier"]),
)
_SIGNS = st.sampled_from(
    [
        "a;b\n",
        'a;"b\nc"\n',
        'a;"b\n',
        "a",
        "é",
        ";",
        "; ; ",
        '"',
        '""',
        "\n",
        "\r\n",
        "\r",
        "Ã©",
        " ",
    ]
)
_WRITTEN = (
    *("imports", "import_rejects", "leads", "identities", "field_proofs"),
    *("lists", "list_members", "events"),
)
_BASE = (
    "SELECT l.id, l.f_ville, l.f_telephone, l.f_courriel, "
    "(SELECT group_concat(value) FROM (SELECT value FROM identities WHERE lead_id = l.id ORDER BY 1)), "
    "(SELECT group_concat(list_key) FROM (SELECT list_key FROM list_members WHERE lead_id = l.id "
    "ORDER BY 1)), (SELECT count(*) FROM events WHERE lead_id = l.id AND type = 'list_added') "
    "FROM leads l WHERE merged_into IS NULL ORDER BY 1"
)


async def _brought(desk: Desk, content: str, batch: int) -> object:
    """What that file makes of a base that knows two leads."""
    for table in _WRITTEN:
        await desk.do(f"DELETE FROM {table}")
    intake = Intake(desk.store, desk.clock)
    await intake.record([Incoming("t", Identities(phone="514 555-0103"), {"ville": "Gaspé"})])
    await intake.record([Incoming("t", Identities(email="d@x.ca"), {"ville": "Percé"})])
    tally = await desk.bring(content, batch)
    return await desk.rows(_BASE), tally.rows, await desk.rejects()


def test_rows_brought_in_one_by_one_or_all_at_once_make_the_same_base(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        clock = VirtualClock()
        desk = Desk(runner.run(Store.open("sqlite://", clock)), clock, tmp_path)

        @given(st.lists(_ROW, min_size=1, max_size=9))
        @settings(max_examples=10)
        def brought(rows: list[tuple[str, ...]]) -> None:
            content = "\n".join(["courriel;tél;ville;listes;modifié le", *map(";".join, rows)])
            made = [runner.run(_brought(desk, content, batch)) for batch in (1, 7, 5_000)]
            assert made[0] == made[1] == made[2]

        brought()
        runner.run(desk.store.close())


@given(st.lists(_SIGNS, max_size=20).map("".join), st.integers(1, 30))
def test_a_block_read_at_once_is_what_its_lines_are_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, text: str, block: int
) -> None:
    path = tmp_path_factory.mktemp("f") / "x.csv"
    path.write_bytes(f"un;deux\n{text}".encode())
    found = []
    with patch.object(delimited, "_BLOCK", block):
        for at_once in (Delimited._at_once, lambda *_: None):
            with patch.object(Delimited, "_at_once", at_once):
                sheet = Delimited(path)
                found.append([(row.line, list(row.cells), row.fault) for row in sheet.rows()])
                sheet.close()
    assert found[0] == found[1]


@given(st.lists(_SIGNS | st.sampled_from([*"àÀÉôÔïüÂÃœ’«°x."]), max_size=12).map("".join))
def test_a_text_in_everyday_french_is_none_that_was_encoded_twice(text: str) -> None:
    """What is not looked at by ftfy is what it would leave as it is."""
    assert mojibake.suspected([text]) or not badness.is_bad(text)


def test_a_text_that_comes_back_is_read_once_and_nothing_is_kept_of_long_ones() -> None:
    read: list[str] = []

    def kept(text: str) -> str:
        read.append(text)
        return text

    column = ImportedColumn(kept)
    towns, comments = ["Laval", "Gaspé"], [f"{n} {'x' * 4_000}" for n in range(600)]
    for part in (towns, towns, comments, comments):
        assert column.values(part, {}) == part
    assert len(read) == len(towns) + 2 * len(comments)
