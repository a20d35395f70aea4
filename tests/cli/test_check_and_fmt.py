"""`check` tells everything at once; `fmt` puts scripts in order and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path


def spoil(project: Path, before: str, after: str) -> None:
    path = project / "tarifs.relance"
    source = path.read_text(encoding="utf-8")
    assert before in source
    path.write_text(source.replace(before, after), encoding="utf-8")


def test_a_sound_project_passes_the_check(relance: Callable, project: Path) -> None:
    said = relance("check", project)
    assert said.code == 0, said
    assert said.out == "1 script vérifié, aucune erreur.\n"


def test_an_unknown_e_mail_is_shown_where_it_stands_with_what_to_write(
    relance: Callable, project: Path
) -> None:
    spoil(project, "Envoyer courriel (Tarifs)", "Envoyer courriel (Tarif)")
    said = relance("check", project)
    assert said.code == 1
    assert "tarifs.relance:5:" in said.out
    assert "^" in said.out
    assert "Envoyer courriel (Tarifs)" in said.out
    assert "1 erreur" in said.out


def test_all_the_errors_of_all_the_files_come_at_once(relance: Callable, project: Path) -> None:
    spoil(project, "Changer pointage (+10)", "Changer pointaje (+10)")
    (project / "autre.relance").write_text("campagne « Autre »\n  entrée\n", encoding="utf-8")
    said = relance("check", project)
    assert said.code == 1
    assert "tarifs.relance:8:" in said.out
    assert "autre.relance:" in said.out


def test_a_script_alone_is_checked_within_its_project(relance: Callable, project: Path) -> None:
    (project / "autre.relance").write_text("campagne « Autre »\n  entrée\n", encoding="utf-8")
    assert relance("check", project / "tarifs.relance").code == 0
    assert relance("check", project / "autre.relance").code == 1


def test_json_holds_the_code_and_the_place(relance: Callable, project: Path) -> None:
    spoil(project, "Envoyer courriel (Tarifs)", "Envoyer courriel (Tarif)")
    said = relance("check", project, "--json")
    assert said.code == 1
    data = json.loads(said.out)
    assert data["ok"] is False
    (one,) = [d for d in data["diagnostics"] if d["severity"] == "erreur"]
    assert one["code"].startswith("R3")
    assert one["start"]["line"] == 5


def test_a_template_that_cannot_be_read_is_told(relance: Callable, project: Path) -> None:
    mail = project / "courriels" / "tarifs.md"
    text = mail.read_text(encoding="utf-8")
    mail.write_text(text.replace("Bonjour,", "Bonjour {{ prénom"), encoding="utf-8")
    said = relance("check", project)
    assert said.code == 1
    assert "tarifs.md" in said.out


def test_a_script_that_is_not_utf8_is_told(relance: Callable, project: Path) -> None:
    (project / "latin.relance").write_bytes("campagne « Été »".encode("latin-1"))
    said = relance("check", project)
    assert said.code == 2
    assert "UTF-8" in said.err


def test_fmt_check_names_the_files_and_writes_nothing(relance: Callable, project: Path) -> None:
    spoil(project, "  entrée\n", "     Entree\n")
    before = (project / "tarifs.relance").read_text(encoding="utf-8")
    said = relance("fmt", "--check", project)
    assert said.code == 1
    assert "tarifs.relance" in said.out
    assert (project / "tarifs.relance").read_text(encoding="utf-8") == before


def test_fmt_writes_canonical_french_once(relance: Callable, project: Path) -> None:
    original = (project / "tarifs.relance").read_text(encoding="utf-8")
    spoil(project, "  entrée\n", "     Entree\n")
    assert relance("fmt", project).code == 0
    assert (project / "tarifs.relance").read_text(encoding="utf-8") == original
    assert relance("fmt", "--check", project).code == 0
    assert not list(project.glob(".*relance-neuf"))
