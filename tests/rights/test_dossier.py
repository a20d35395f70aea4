"""A person is handed all that is known of her, and nothing of anybody else."""

import json
from html import unescape
from pathlib import Path

import pytest

from server.plugins import load_plugins
from server.reports.as_json import as_json
from server.rights.dossier import dossier, page
from server.rights.holdings import HOLDINGS
from server.rights.person import person_of
from server.rights.sections import LEFT_OUT
from tests.cli.test_explain import relance
from tests.email.sink import Sink
from tests.rights.test_erasing import OTHER, VALUES, fill, serving
from tests.rights.traces import held_in_tables


async def test_a_dossier_tells_all_that_the_base_holds_of_a_person(
    base: str | None, project: Path, sink: Sink
) -> None:
    async with serving(project, sink, base) as server:
        lead = await fill(server, sink)
        held = await held_in_tables(server.store, VALUES)
        async with server.store.read() as conn:
            person = await person_of(conn, server.store.fields.table, lead)
            assert person is not None
            glossary = load_plugins().glossary
            found = await dossier(conn, server.store.fields, glossary, person)
        zone = server.settings.zone
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
