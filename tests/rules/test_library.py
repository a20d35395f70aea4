"""The library of rules: sound, well formed, tried on several paths, written with care."""

import asyncio
import re
from functools import cache
from pathlib import Path

import pytest

from dsl.formatter import format_source
from relance.testing import FakeHost
from server.cli.workspace import Workspace, open_workspace
from server.publication.on_disk import on_disk
from server.simulation import ScenarioResult, run_scenarios

RULES = Path(__file__).parents[2] / "rules"
SCRIPTS = sorted(path.name for path in RULES.glob("*.relance"))
MAILS = sorted((RULES / "courriels").glob("*.md"))


@cache
def workspace() -> Workspace:
    return open_workspace([RULES])


@cache
def played() -> tuple[ScenarioResult, ...]:
    people = workspace().plugins.people(on_disk(RULES))
    checked, plugins = workspace().checked, workspace().plugins
    return asyncio.run(run_scenarios(checked, plugins, people=people, files=on_disk(RULES)))


def test_nothing_is_wrong_with_the_library_not_even_a_warning() -> None:
    checked = workspace().checked
    assert not [one for several in checked.diagnostics.values() for one in several]
    assert not workspace().faults
    assert len(checked.programs) >= 3


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_well_formed(name: str) -> None:
    source = workspace().sources[name]
    assert format_source(source, workspace().plugins.catalogue) == source


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_campaign_is_tried_on_several_paths_and_holds(name: str) -> None:
    results = [result for result in played() if result.scenario.file == name]
    assert len(results) >= 3
    for result in results:
        assert result.passed, (result.scenario.name, result.failures)
        assert result.checks >= 1


def test_every_message_is_sent_by_some_campaign() -> None:
    sent = set(re.findall(r"Envoyer courriel \(([^)]+)\)", "\n".join(workspace().sources.values())))
    offered = set(workspace().plugins.references(on_disk(RULES), FakeHost())["courriel"])
    assert sent == offered


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.stem)
def test_a_message_is_typeset_as_french_is(mail: Path) -> None:
    text = mail.read_text(encoding="utf-8")
    body = text.split("---", 2)[2]
    assert "'" not in re.sub(r"\{[{%].*?[%}]\}", "", text)
    assert not re.search(r" [!?;»]", body)
    for key in ("objet", "expéditeur", "aperçu"):
        assert re.search(rf"^{key}\s*:", text, re.MULTILINE)
