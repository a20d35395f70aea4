"""`relance cloner`: a campaign of the project under another name, beside what is there."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import SCRIPT

Relance = Callable[..., object]


def clone(relance: Relance, project: Path, *options: str) -> object:
    return relance("cloner", "tarifs", "Tarifs d’hiver", "--dossier", project, *options)


def test_a_clone_is_a_script_more_that_nothing_has_published(
    relance: Relance, project: Path
) -> None:
    script = project / "tarifs.relance"
    former = SCRIPT.replace("  entrée\n", "  anciennement : Prix\n  entrée\n", 1)
    script.write_text(f"# Nos prix.\n\n# Ceux d’été.\n{former}", encoding="utf-8")
    tried = clone(relance, project, "--essai")
    assert (tried.code, "Rien n’a été écrit" in tried.out) == (0, True)
    assert "elles ont tout deux fois" in " ".join(tried.out.split()), "before it is made"
    assert not (project / "tarifs-d-hiver.relance").exists()
    assert clone(relance, project).code == 0
    text = (project / "tarifs-d-hiver.relance").read_text("utf-8")
    assert "# Ceux d’été.\ncampagne «\u00a0Tarifs d’hiver\u00a0»" in text
    assert "# Nos prix." not in text
    assert "anciennement" not in text
    assert "scénario" not in text
    assert "Envoyer courriel (Tarifs)" in text
    assert relance("check", project).code == 0
    again = clone(relance, project)
    assert (again.code, "existe déjà" in again.err) == (1, True)


def test_a_clone_may_have_its_own_scenarios_and_messages(relance: Relance, project: Path) -> None:
    said = clone(relance, project, "--scenarios", "--messages", "--json")
    (answer,) = [json.loads(said.out)] if said.out.startswith("{") else json.loads(said.out)
    assert answer["renommes"] == {"Tarifs": "Tarifs d’hiver"}
    text = (project / "tarifs-d-hiver.relance").read_text("utf-8")
    assert "Envoyer courriel (Tarifs d’hiver)" in text
    assert "scénario «\u00a0clique le lendemain\u00a0»" in text
    assert (project / "courriels" / "tarifs-d-hiver.md").exists()
    assert relance("check", project).code == 0


def test_a_clone_has_its_own_of_the_messages_that_are_named(
    relance: Relance, project: Path
) -> None:
    script = project / "tarifs.relance"
    more = "  Envoyer courriel (Tarifs)\n  Envoyer courriel (Rappel)\n"
    script.write_text(SCRIPT.replace("  Envoyer courriel (Tarifs)\n", more, 1), "utf-8")
    letter = (project / "courriels" / "tarifs.md").read_text("utf-8")
    (project / "courriels" / "rappel.md").write_text(letter.replace("Tarifs", "Rappel"), "utf-8")
    assert clone(relance, project, "--message", "rappel").code == 0
    text = (project / "tarifs-d-hiver.relance").read_text("utf-8")
    assert "Envoyer courriel (Tarifs)\n" in text, "it stays common to both"
    assert "Envoyer courriel (Rappel, Tarifs d’hiver)" in text
    wrong = relance("cloner", "Tarifs", "Autre", "--message", "Rien", "--dossier", project)
    assert (wrong.code, "n’envoie aucun message « Rien »" in wrong.err) == (1, True)


def test_what_cannot_be_cloned_is_said_with_the_likeliest_name(
    relance: Relance, project: Path
) -> None:
    said = relance("cloner", "Tarif", "Autre", "--dossier", project)
    assert (said.code, "Vouliez-vous dire" in said.err) == (1, True)
    script = project / "tarifs.relance"
    script.write_text(SCRIPT.replace("Étiqueter", "Étiquetter"), "utf-8")
    said = relance("cloner", "Tarifs", "Autre", "--dossier", project)
    assert (said.code, "Corrigez-les d’abord" in said.err) == (1, True)
