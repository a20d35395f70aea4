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
