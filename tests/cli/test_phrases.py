"""`phrases` lists what a rule may say."""

import json
from collections.abc import Callable
from pathlib import Path


def test_each_phrase_comes_with_its_help_and_example(relance: Callable, project: Path) -> None:
    said = relance("phrases", project)
    assert said.code == 0
    assert "Envoyer courriel (courriel)" in said.out
    assert "Exemple :" in said.out
    assert "{" not in said.out


def test_json_is_for_machines(relance: Callable, project: Path) -> None:
    said = relance("phrases", project, "--json")
    data = json.loads(said.out)
    assert len(data) >= 30
    assert all(one["aide"] and one["exemple"] and one["genre"] for one in data)
    (sent,) = [one for one in data if one["id"] == "email.sent_lately"]
    assert sent["avec_le_temps"] is True
    assert sent["change_apres"] == ["courriel envoyé"]
    assert list(sent["emplacements"]) == ["nombre"]


def test_a_disabled_plugin_lists_nothing(relance: Callable, project: Path) -> None:
    (project / "relance.toml").write_text(
        '[extensions]\ndesactivees = ["scoring"]\n', encoding="utf-8"
    )
    said = relance("phrases", project, "--json")
    assert "scoring" not in {one["extension"] for one in json.loads(said.out)}


def test_words_are_searched_whatever_their_case_accents_and_synonyms(
    relance: Callable, project: Path
) -> None:
    for asked in (["achat"], ["ACHÈTE"], ["commande"]):
        said = relance("phrases", *asked, "--dossier", project, "--json")
        found = {one["id"] for one in json.loads(said.out)}
        assert {"commerce.purchase", "commerce.no_purchase"} <= found
        assert "web.form" not in found
    said = relance("phrases", "mail", "ouvert", "--dossier", project, "--json")
    assert [one["id"] for one in json.loads(said.out)] == ["email.opened"]
    said = relance("phrases", project, "étiq", "--json")
    assert {one["id"] for one in json.loads(said.out)} == {
        "lists.tag",
        "lists.untag",
        "lists.tagged",
    }


def test_a_word_no_phrase_holds_is_said(relance: Callable, project: Path) -> None:
    said = relance("phrases", "trottinette", "--dossier", project)
    assert said.code == 1
    assert "trottinette" in said.out
