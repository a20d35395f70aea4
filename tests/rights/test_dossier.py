"""A person is handed all that is known of her, and nothing of anybody else."""

import asyncio
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, String, text

from server.engine.moves import Cause, Move
from server.plugins import load_plugins
from server.reports.as_json import as_json
from server.rights.dossier import dossier, page
from server.rights.holdings import HOLDINGS
from server.rights.person import person_of
from server.rights.sections import LEFT_OUT, SECTIONS
from server.store.schema.metadata import metadata
from tests.cli.conftest import plain
from tests.cli.test_explain import relance
from tests.email.sink import Sink
from tests.processes import command
from tests.rights.test_erasing import EMAIL, OTHER, VALUES, fill, serving
from tests.rights.traces import held_in_tables

#: Codes of the base that are nobody’s word.
CODES = {*Move, *Cause, "pending", "proven", "accepted", "delivered", "failed", "email", "phone"}
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_OF_THE_MACHINE = re.compile(
    r"\['|\['\"]|None|True|False|\bf_[a-z]+|\d{4}-\d\d-\d\dT|form:|lead_id"
)


async def test_a_dossier_tells_all_that_the_base_holds_of_a_person(
    base: str | None, project: Path, sink: Sink
) -> None:
    async with serving(project, sink, base) as server:
        lead = await fill(server, sink)
        held = await held_in_tables(server.store, VALUES)
        async with server.store.read() as conn:
            person = await person_of(conn, server.store.fields.table, lead)
            assert person is not None
            glossary, zone = load_plugins().glossary, server.settings.zone
            found = await dossier(conn, server.store.fields, glossary, person, zone)
    # What is held for its own sake: a copy, a key, a note of some seconds.
    beside = {"receipts", "held", *LEFT_OUT}
    owed = {value.lower() for table, _, value in held if table not in beside}
    forms = (json.dumps(as_json(found), ensure_ascii=False), unescape(page(found, zone)))
    for said in forms:
        assert not [value for value in owed if value not in said.lower()]
        assert OTHER not in said
        assert "Ordinaire" not in said
    assert {"fiche", "identites", "evenements", "campagnes", "messages", "refus"} <= set(
        found.parts
    )
    assert len({one.table for one in HOLDINGS} - set(LEFT_OUT)) > 15


async def test_a_dossier_is_in_the_words_of_people(project: Path, sink: Sink) -> None:
    async with serving(project, sink, None) as server:
        lead = await fill(server, sink)
        reached = f"INSERT INTO goals_reached SELECT {lead}, id, 1, 1 FROM goals"
        async with server.store.write() as conn:
            await conn.execute(text(reached))
        async with server.store.read() as conn:
            person = await person_of(conn, server.store.fields.table, lead)
            assert person is not None
            glossary, zone = load_plugins().glossary, server.settings.zone
            found = await dossier(conn, server.store.fields, glossary, person, zone)
    cells = {
        plain(str(item))
        for part in found.parts.values()
        for row in part.rows
        for cell in row
        for item in (cell if isinstance(cell, tuple) else (cell,))
    }
    assert cells & {*CODES, *map(str, CODES)} == set()
    assert not _OF_THE_MACHINE.findall(unescape(page(found, zone)))
    decided = [plain(str(row[2])) for row in found.parts["decisions"].rows]
    assert decided[:2] == ["Entre dans la campagne « Accueil »", "Ajouter à la liste (Essais)"]
    assert "Champ lead (ville) est égal à (Sherbrooke) : faux (Ville-Inventée)" in cells
    assert [row[1:] for row in found.parts["objectifs"].rows] == [("Visite", "Accueil")]
    assert {"gardé à part", "formulaire « autre »", "notification"} <= cells
    held = next(row[8] for row in found.parts["messages"].rows)
    assert "famille-6642.example" in str(held)


def test_every_code_of_the_base_has_its_words_in_a_dossier() -> None:
    """A column of a bounded length holds a code or a key; one of an `id`, a number of the base."""
    bare = {
        f"{name}.{one.column}"
        for name, section in SECTIONS.items()
        for one in section.columns
        if not one.coded
        and (one.column.endswith("_id") or _bounded(metadata.tables[name].c[one.column]))
    }
    marks = {"attached.visitor", "declarations.visitor", "pledges.visitor"}
    words = {"events.currency", "deliveries.sink", "leftovers.field"}
    assert bare == marks | words


def _bounded(column: Column[Any]) -> bool:
    return isinstance(column.type, String) and column.type.length is not None


async def test_a_terminal_of_eighty_columns_cuts_no_word_of_a_dossier(
    project: Path, sink: Sink
) -> None:
    async with serving(project, sink, None) as server:
        await fill(server, sink)
    asked = ("dossier", EMAIL, "--dossier", str(project))
    narrow = plain((await asyncio.to_thread(command, *asked, variables={"COLUMNS": "80"}))[1])
    wide = json.loads((await relance(*asked, "--json")).out)
    words = {
        word
        for rows in wide.values()
        for row in rows
        for cell in row.values()
        if isinstance(cell, str) and not _ISO.match(cell)
        for word in plain(cell).split()
    }
    assert len(words) > 50
    assert [word for word in words if word not in narrow] == []
    assert "  Quoi : formulaire rempli\n" in narrow


async def test_a_file_of_another_form_is_told_all_the_forms_there_are(project: Path) -> None:
    said = await relance("dossier", "1", "--sortie", "x.pdf", "--dossier", str(project))
    assert said.code == 2
    assert "finir par .html, .csv ou .xlsx" in said.err


async def test_the_page_of_a_dossier_is_for_the_eyes_of_its_owner(
    project: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(project, sink, None) as server:
        await fill(server, sink)
    monkeypatch.setenv("COLUMNS", "200")
    file = project / "dossier.html"
    said = await relance("dossier", OTHER, "--sortie", str(file), "--dossier", str(project))
    assert (said.code, file.stat().st_mode & 0o777) == (0, 0o600), said.err
    text = file.read_text("utf-8")
    assert "<script" not in text
    assert OTHER in text
    said = await relance("dossier", "personne@exemple.ca", "--dossier", str(project))
    assert (said.code, "Aucun lead ne répond" in said.err) == (2, True)
