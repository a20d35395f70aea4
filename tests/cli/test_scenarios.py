"""`test` plays the scenarios; one that fails shows the lead's timeline."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest


def test_a_scenario_that_holds_passes(relance: Callable, project: Path) -> None:
    said = relance("test", project)
    assert said.code == 0, said
    assert "✓ clique le lendemain" in said.out
    assert "1 scénario passe." in said.out


def test_one_that_fails_shows_the_line_what_was_found_and_the_timeline(
    relance: Callable, project: Path
) -> None:
    path = project / "tarifs.relance"
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace("entre (10) et (10)", "entre (40) et (60)"), encoding="utf-8")
    said = relance("test", path)
    assert said.code == 1
    assert "✗ clique le lendemain" in said.out
    assert "tarifs.relance:18" in said.out
    assert "Pointage lead entre (40) et (60) : faux (10)" in said.out
    assert "Le fil du lead (Aline)" in said.out
    assert "Lien (Voir les tarifs) cliqué dans courriel (Tarifs)" in said.out
    assert "1 scénario échoue sur 1." in said.err


def test_the_same_timeline_is_not_shown_twice(relance: Callable, project: Path) -> None:
    path = project / "tarifs.relance"
    source = path.read_text(encoding="utf-8")
    wrong = "  vérifier (Aline) : Pointage lead entre (40) et (60)\n"
    path.write_text(source.removesuffix("fin\n") + wrong + wrong + "fin\n", encoding="utf-8")
    said = relance("test", path)
    assert said.out.count("Ce n’est pas le cas.") == 2
    assert said.out.count("Le fil du lead (Aline)") == 1


def test_scripts_in_error_are_not_played(relance: Callable, project: Path) -> None:
    path = project / "tarifs.relance"
    source = path.read_text(encoding="utf-8")
    path.write_text(
        source.replace("courriel (Tarifs)\n", "courriel (Tarif)\n", 1), encoding="utf-8"
    )
    said = relance("test", project)
    assert said.code == 1
    assert "n’ont pas été joués" in said.err
    assert "✓" not in said.out


def test_a_project_without_scenarios_says_so(relance: Callable, project: Path) -> None:
    path = project / "tarifs.relance"
    source = path.read_text(encoding="utf-8")
    path.write_text(source.split("\nscénario")[0], encoding="utf-8")
    said = relance("test", project)
    assert (said.code, said.out) == (0, "Aucun scénario.\n")


def test_a_list_one_is_not_on_says_which_part_is_not_so(relance: Callable, project: Path) -> None:
    path = project / "tarifs.relance"
    source = path.read_text(encoding="utf-8")
    wrong = "  vérifier (Aline) : Lead membre de la liste (Chauds)\n"
    asked = "\nliste « Chauds » : Pointage lead au-dessus de (50) et Formulaire (Essai) rempli\n"
    path.write_text(source.removesuffix("fin\n") + wrong + "fin\n" + asked, encoding="utf-8")
    said = relance("test", path)
    assert said.code == 1
    assert "liste (Chauds) : Pointage lead au-dessus de (50) : faux (10)" in said.out
    assert "liste (Chauds) : Formulaire (Essai) rempli : faux" in said.out


def test_the_course_says_each_line_and_what_happened_between_them(
    relance: Callable, project: Path
) -> None:
    rows = json.loads(relance("test", project, "--json", "--deroule").out)
    said = [row["arrive"] or row["ligne"] for row in rows]
    assert [one for one in said if isinstance(one, int)] == [16, 17, 18]
    assert said.index(16) < said.index("Entre dans la campagne « Tarifs »") < said.index(17)
    of_messages = [row for row in rows if "Courriel (Tarifs)" in (row["arrive"] or "")]
    assert any("livré" in row["arrive"] for row in of_messages)
    assert {row["campagne"] for row in of_messages} == {"Tarifs"}, "what became of a message too"
    assert [row["quand"] for row in rows] == sorted(row["quand"] for row in rows)
    apart = relance("test", project, "--deroule")
    assert apart.code == 2


def test_scenarios_that_are_read_are_played_as_if_they_ended_the_script(
    relance: Callable, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = """scénario « de passage »
  lead (Bruno) : courriel (bruno@example.com)
  vérifier (Bruno) : Courriel (Tarifs) envoyé
fin
"""
    monkeypatch.setattr("sys.stdin", io.StringIO(more))
    said = relance("test", project / "tarifs.relance", "--suite")
    assert said.code == 1
    assert "de passage" in said.out
    assert "clique le lendemain" not in said.out
    monkeypatch.setattr("sys.stdin", io.StringIO(more))
    assert relance("test", project, "--suite").code == 2
    several = f"{more}\f\n{more.replace('vérifier', '# vérifier')}\f\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(several))
    said = relance("test", project / "tarifs.relance", "--suite", "--json")
    answers = [json.loads(one) for one in said.out.split("\f\n") if one]
    assert [[row["passe"] for row in rows] for rows in answers] == [[False], [True]]
    assert said.code == 1
