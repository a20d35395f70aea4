"""The library of rules: sound, well formed, tried on several paths, written with care."""

import asyncio
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from dsl.formatter import format_source
from dsl.language.fr.headers import FAMILIES
from relance.testing import FakeHost
from server.cli.workspace import Workspace, open_workspace
from server.publication.on_disk import on_disk
from server.simulation import ScenarioResult, run_scenarios

RULES = Path(__file__).parents[2] / "rules"
SCRIPTS = sorted(path.relative_to(RULES).as_posix() for path in RULES.rglob("*.relance"))
MAILS = sorted((RULES / "courriels").glob("*.md"))
TEXTS = sorted((RULES / "sms").glob("*.txt"))


@cache
def workspace() -> Workspace:
    return open_workspace([RULES])


def played() -> tuple[ScenarioResult, ...]:
    people = workspace().plugins.people(on_disk(RULES))
    checked, plugins = workspace().checked, workspace().plugins
    return asyncio.run(run_scenarios(checked, plugins, people=people, files=on_disk(RULES)))


def test_nothing_is_wrong_with_the_library_not_even_a_warning() -> None:
    checked = workspace().checked
    assert not [one for several in checked.diagnostics.values() for one in several]
    assert not workspace().faults
    assert len(checked.programs) == len(SCRIPTS)


def test_fourteen_campaigns_and_more_of_seven_families_each_by_e_mail_and_by_sms() -> None:
    written = {one.file: one for one in workspace().checked.programs}
    by_mail = {name for name in written if not name.startswith("par-sms/")}
    assert {f"par-sms/{name}" for name in by_mail} == set(written) - by_mail
    assert len(by_mail) >= 14
    assert {written[name].family for name in by_mail} == set(FAMILIES)
    for name in by_mail:
        assert written[name].family == written[f"par-sms/{name}"].family
        assert written[name].program.description


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_well_formed(name: str) -> None:
    source = workspace().sources[name]
    assert format_source(source, workspace().plugins.catalogue) == source


@pytest.mark.timeout(900)
def test_each_campaign_is_tried_on_several_paths_and_holds() -> None:
    """Together, since they are played together: on one stage, as `relance test` does."""
    tried = Counter(dict.fromkeys(SCRIPTS, 0))
    for result in played():
        tried[result.scenario.file] += len(result.scenario.leads)
        assert result.passed, (result.scenario.file, result.scenario.name, result.failures)
        assert result.checks >= 1
    assert [name for name, leads in tried.items() if leads < 2] == []


@pytest.mark.parametrize("kind", ["courriel", "SMS"])
def test_every_message_is_sent_by_some_campaign(kind: str) -> None:
    sent = re.findall(rf"Envoyer {kind} \(([^)]+)\)", "\n".join(workspace().sources.values()))
    offered = set(workspace().plugins.references(on_disk(RULES), FakeHost())[kind])
    assert set(sent) == offered


def test_the_first_e_mail_of_each_campaign_has_an_image_and_a_button() -> None:
    bodies = {}
    for mail in MAILS:
        _, head, body = mail.read_text(encoding="utf-8").split("---", 2)
        bodies[re.findall(r"^nom: (.+)$", head, re.MULTILINE)[0]] = body
    for name in SCRIPTS:
        if not name.startswith("par-sms/"):
            first = re.findall(r"Envoyer courriel \(([^)]+)\)", workspace().sources[name])[0]
            (image,) = re.findall(r"^!\[.+\]\(images/(.+)\)$", bodies[first], re.MULTILINE)
            assert (RULES / "images" / image).is_file()
            assert re.search(r"^\[.+\]\(https://.+\)$", bodies[first], re.MULTILINE)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)
def test_an_sms_is_typeset_as_french_is(text: Path) -> None:
    body = text.read_text(encoding="utf-8").split("---", 2)[2]
    assert "'" not in body
    assert not re.search(r" [!?;»]", body)


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.stem)
def test_a_message_is_typeset_as_french_is(mail: Path) -> None:
    text = mail.read_text(encoding="utf-8")
    body = text.split("---", 2)[2]
    assert "'" not in re.sub(r"\{[{%].*?[%}]\}", "", text)
    assert not re.search(r" [!?;»]", body)
    for key in ("objet", "expéditeur", "aperçu"):
        assert re.search(rf"^{key}\s*:", text, re.MULTILINE)
