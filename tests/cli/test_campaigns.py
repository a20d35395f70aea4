"""The life of a campaign from the command line, without a server."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from relance.testing import VirtualClock
from server.cli.main import main
from server.store.store import Store
from tests.engine.life.test_states import resting
from tests.engine.world import World, program


async def _made(path: Path) -> None:
    clock = VirtualClock()
    store = await Store.open(f"sqlite:///{path}", clock)
    world = World(store, clock)
    await world.publish(resting(), program(name="Brouillon"))
    await world.publish(resting())
    await world.event(await world.lead())
    await world.settle()
    await store.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "relance.toml").write_text("", encoding="utf-8")
    asyncio.run(_made(tmp_path / ".relance" / "relance.db"))
    return tmp_path


def relance(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """What a command answers, and its exit code."""
    code = 0
    with suppress(SystemExit):
        try:
            main(list(words))
        except SystemExit as ended:
            code = int(ended.code or 0)
    heard = capsys.readouterr()
    return code, " ".join((heard.out + heard.err).split())


def state(capsys: pytest.CaptureFixture[str], project: Path) -> dict[str, Any]:
    words = ("statut", "Essai", "--dossier", str(project), "--json")
    (row,) = json.loads(relance(capsys, *words)[1])
    return dict(row)


def test_a_campaign_is_paused_resumed_archived_and_restored(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ("--dossier", str(project))
    tried = relance(capsys, "pause", "Essai", "--essai", *here)
    assert tried[0] == 0
    assert "1 personne y resterait" in tried[1].replace("\u00a0", " ")
    assert state(capsys, project)["etat"] == "active"
    code, said = relance(capsys, "pause", "Essai", "--pourquoi", "plus de stock", *here)
    assert (code, "est en pause" in said) == (0, True)
    paused = state(capsys, project)
    assert (paused["etat"], paused["tourne"], paused["pourquoi"]) == (
        "paused",
        False,
        "plus de stock",
    )
    here_and_now = relance(capsys, "explain", "Essai", "1", *here)[1]
    assert "La campagne est en pause : personne n’y entre" in here_and_now.replace("\u00a0", " ")
    # The message that had not left is overdue: it is asked what becomes of it.
    code, said = relance(capsys, "reprendre", "Essai", *here)
    assert (code, "--etaler" in said) == (1, True)
    code, said = relance(capsys, "reprendre", "Essai", "--essai", "--json", *here)
    assert sum(row["nombre"] for row in json.loads(said)["retards"]) >= 1
    assert relance(capsys, "reprendre", "Essai", "--etaler", "demain", *here)[0] == 2
    assert relance(capsys, "reprendre", "Essai", "--tout", *here)[0] == 0
    assert state(capsys, project)["etat"] == "active"
    assert relance(capsys, "archiver", "Essai", *here)[0] == 0
    assert state(capsys, project)["personnes"] == 0
    assert relance(capsys, "activer", "Essai", *here)[0] == 1
    assert relance(capsys, "restaurer", "Essai", *here)[0] == 0
    found = json.loads(relance(capsys, "historique", *here, "--json")[1])
    kinds = [*["activated"] * 2, "paused", "resuming", "resumed", "archived", "emptied", "restored"]
    assert [row["fait"] for row in reversed(found)] == kinds


def test_only_a_campaign_that_nobody_entered_and_the_scripts_no_longer_have_is_deleted(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ("--dossier", str(project))
    for trial in ((), ("--essai",)):
        assert relance(capsys, "supprimer-campagne", "Essai", *trial, *here)[0] == 1
        code, said = relance(capsys, "supprimer-campagne", "Bruillon", *trial, *here)
        assert (code, "n’existe pas" in said) == (1, True)
    code, said = relance(capsys, "supprimer-campagne", "Brouillon", "--essai", *here)
    assert (code, "serait supprimée" in said) == (0, True)
    for _ in range(2):  # an order may be done twice
        assert relance(capsys, "supprimer-campagne", "Brouillon", *here)[0] == 0
    row, *_ = json.loads(relance(capsys, "historique", *here, "--json")[1])
    assert (row["campagne"], row["fait"]) == ("Brouillon", "deleted")
    assert len(json.loads(relance(capsys, "statut", *here, "--json")[1])) == 1


def test_an_unknown_campaign_is_answered_with_those_there_are(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = relance(capsys, "pause", "Esai", "--dossier", str(project))
    assert code == 1
    assert "« Essai »" in said.replace("\u00a0", " ")
