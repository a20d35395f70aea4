"""`relance check` says how many people a publication would take who are there already."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from relance.testing import VirtualClock
from server.cli.workspace import open_workspace
from server.engine.engine import Engine
from server.engine.publication.project import project_of
from server.store.schema.leads import leads, list_members
from server.store.store import Store
from tests.cli.conftest import plain

SCRIPT = """\
liste « Chauds » : Pointage lead au-dessus de (50)

campagne « Aux prospects »
  entrée
    quand Lead membre de la liste (Prospects)

  Changer pointage (+1)
fin

campagne « Cet été »
  période : à partir du 2126-07-01
  entrée
    quand Lead membre de la liste (Chauds)
  sortie réussie
    quand Lead membre de la liste (Prospects)

  Changer pointage (+1)
fin

campagne « À l’ajout »
  entrée
    quand Ajouté à la liste (Prospects)

  Changer pointage (+1)
fin
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "relance.toml").write_text('fuseau = "America/Montreal"\n', encoding="utf-8")
    (tmp_path / "essai.relance").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


async def fill(path: Path) -> None:
    store = await Store.open(f"sqlite:///{path}", VirtualClock())
    async with store.write() as conn:
        await conn.execute(insert(leads), [{"created_at": 0, "score": n * 30} for n in range(1200)])
        members = [{"list_key": "prospects", "lead_id": n, "since": 0} for n in range(1, 1101)]
        await conn.execute(insert(list_members), members)
    await store.close()


def test_who_is_there_already_is_counted_before_the_publication(
    relance: Callable, folder: Path
) -> None:
    (folder / ".relance").mkdir()
    asyncio.run(fill(folder / ".relance" / "relance.db"))
    said = relance("check", folder)
    assert said.code == 0, said
    shown = said.out.replace("\u202f", " ")
    assert (
        "« Aux prospects » : 1 100 personnes qui y répondent déjà entreront à la publication, par\n"
        "  quand Lead membre de la liste (Prospects)\n"
        "« Cet été » : 100 personnes qui y répondent déjà entreront à l’ouverture de la période, "
        "le 1er juill. 2126 à 0 h, par\n"
    ) in shown
    assert "À l’ajout" not in shown


def test_without_a_store_nothing_is_counted(relance: Callable, folder: Path) -> None:
    assert relance("check", folder).out == "1 script vérifié, aucune erreur.\n"


def test_a_rename_that_is_not_said_is_asked_about_and_the_answer_accepted(
    relance: Callable, folder: Path
) -> None:
    (folder / ".relance").mkdir()
    asyncio.run(publish(folder))
    text = SCRIPT.replace("Aux prospects", "Prospects")
    script = folder / "essai.relance"
    script.write_text(text, encoding="utf-8")
    said = relance("check", folder)
    assert said.code == 1
    question = "« Prospects » a les mêmes règles que « Aux prospects »"
    assert question in said.out
    assert question in relance("check", folder, "--json").out.replace("\\u00a0", " ")
    for answer in ("« Aux prospects »", "aucune"):
        assert f"anciennement : {answer}" in said.out
        first = "campagne « Prospects »"
        answered = text.replace(first, f"{first}\n  anciennement : {answer}")
        script.write_text(answered, encoding="utf-8")
        assert relance("fmt", folder).code == 0
        assert f"  anciennement : {answer}\n" in plain(script.read_text(encoding="utf-8"))
        result = relance("check", folder)
        assert result.code == 0, result
        # The same campaign takes nobody again; another takes those who are there.
        assert ("« Prospects »" in result.out) == (answer == "aucune")


async def publish(folder: Path) -> None:
    workspace = open_workspace([folder])
    store = await Store.open(f"sqlite:///{folder}/.relance/relance.db", VirtualClock())
    async with store.write() as conn:
        await conn.execute(insert(leads), [{"created_at": 0, "score": 0}])
        await conn.execute(
            insert(list_members), [{"list_key": "prospects", "lead_id": 1, "since": 0}]
        )
    engine = Engine(store, VirtualClock())
    await engine.publish(project_of(workspace.checked, ()))
    while await engine.tick():
        pass
    await store.close()


def test_a_dynamic_list_taken_out_is_told_with_its_members_and_who_uses_it(
    relance: Callable, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / ".relance").mkdir()
    base = folder / ".relance" / "relance.db"
    asyncio.run(publish(folder))
    asyncio.run(join(base, "chauds"))
    script = folder / "essai.relance"
    script.write_text(SCRIPT.split("\n", 1)[1], encoding="utf-8")
    result = relance("check", folder)
    assert result.code == 1, "publishing refuses it"
    assert "Remettez sa ligne, ou ôtez d’abord ce qui s’en sert." in result.out
    refused = relance("publier", folder, "--essai")
    assert (refused.code, "Remettez sa ligne" in refused.err) == (1, True)
    assert (
        "La liste « Chauds » n’est plus dans les scripts : à la publication, 1 membre en sort. "
        "S’en servent : la campagne « Cet été »."
    ) in result.out
    verdict = json.loads(relance("check", folder, "--json").out)
    (lost,) = verdict["lists_lost"]
    assert (lost["list"], lost["members"], verdict["ok"]) == ("Chauds", 1, False)
    assert "s’en servent encore" in lost["refusal"]
    # Unused, it may go; where saving publishes, what is saved is what runs.
    unused = SCRIPT.split("\n", 1)[1].replace("(Chauds)", "(Prospects)")
    script.write_text(unused, encoding="utf-8")
    assert relance("check", folder).code == 0
    script.write_text(SCRIPT.split("\n", 1)[1], encoding="utf-8")
    settings = folder / "relance.toml"
    settings.write_text('publication = "à l’enregistrement"\n', encoding="utf-8")
    assert relance("check", folder).code == 0
    settings.write_text('fuseau = "America/Montreal"\n', encoding="utf-8")
    asyncio.run(publish_again(folder))
    assert "«\u00a0Chauds\u00a0» n’est plus dans les scripts" in caplog.text
    assert "Chauds" not in relance("check", folder).out.split("\n")[0]
    script.write_text(SCRIPT, encoding="utf-8")
    assert "n’est plus" not in relance("check", folder).out


async def join(base: Path, key: str) -> None:
    store = await Store.open(f"sqlite:///{base}", VirtualClock())
    async with store.write() as conn:
        await conn.execute(insert(list_members), [{"list_key": key, "lead_id": 1, "since": 0}])
    await store.close()


async def publish_again(folder: Path) -> None:
    store = await Store.open(f"sqlite:///{folder}/.relance/relance.db", VirtualClock())
    await Engine(store, VirtualClock()).publish(project_of(open_workspace([folder]).checked, ()))
    await store.close()
