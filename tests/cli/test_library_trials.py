"""Each campaign of the library is tried by three answers, and what is written passes as it is."""

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dsl.service.language_service import EditingDesk, LanguageService
from relance.fold import key_of
from server import setup
from server.cli.workspace import open_workspace
from server.language.trial_offers import TrialOffers, offers
from server.web.trials.asked import AskedTrial, TypedAnswer, TypedTrial, asked_trial
from server.web.trials.rehearsing import TrialScript, trial_script

RULES = Path(__file__).parents[2] / "rules"
#: Those of them that an event lets in, which a scenario may make happen.
LET_IN = 10


def the_draft(folder: Path) -> LanguageService:
    workspace = open_workspace([folder])
    read = setup.setup_of(workspace.settings, workspace.files)
    references = workspace.plugins.references(workspace.files, read)
    return LanguageService(EditingDesk(workspace.plugins.catalogue), workspace.sources, references)


def asked(one: TrialOffers) -> AskedTrial:
    """What lets in first, then the first thing it listens to, a day after."""
    answers = (TypedAnswer("1", "jours", one.answers[0].said),)
    day = date(2026, 12, 1).isoformat()
    made = asked_trial(TypedTrial(one.campaign, one.entries[0].said, day, "10:00", answers), one)
    assert isinstance(made, AskedTrial), made
    return made


def written(folder: Path, draft: LanguageService, texts: Mapping[str, str]) -> None:
    for file, text in texts.items():
        (folder / file).write_text(f"{draft.sources[file]}\n{text}", encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The library without the scenarios it has: they are played by tests of its own."""
    folder = Path(shutil.copytree(RULES, tmp_path / "projet"))
    for script in folder.rglob("*.relance"):
        rules, _, _ = script.read_text(encoding="utf-8").partition("\nscénario ")
        script.write_text(rules, encoding="utf-8")
    return folder


def test_what_three_answers_write_passes_at_once_for_each_campaign_of_the_library(
    project: Path, relance: Callable[..., Any]
) -> None:
    draft = the_draft(project)
    found = [(file, one) for file in draft.sources for one in offers(draft, file) if one.entries]
    assert len(found) >= LET_IN
    made: dict[str, TrialScript] = {
        file: trial_script(draft, file, asked(one)) for file, one in found
    }
    written(project, draft, {file: one.sought() for file, one in made.items()})
    rows = json.loads(relance("test", project, "--json", "--deroule").out)
    texts = {}
    for file, one in made.items():
        mine = [row for row in rows if key_of(row["scenario"]) == key_of(one.name)]
        mine = [row for row in mine if row["fichier"].endswith(f"projet/{file}")]
        text = one.found(mine, draft.catalogue)
        assert isinstance(text, str), (file, text)
        assert "vérifier (Aline)" in text, file
        texts[file] = text
    assert sum("  vérifier (Aline) : Courriel" in one for one in texts.values()) >= 1
    written(project, draft, texts)
    said = relance("test", project)
    assert said.code == 0, said
