"""What is said of other tools is shown where it says: by scenarios that are played, commands, pages."""

import shlex

import pytest

from dsl.read.parser import parse
from dsl.tree.nodes import Scenario
from relance.fold import key_of
from server.cli.commands import COMMANDS, load
from server.plugins import load_plugins
from server.reference.elsewhere import Capability, Holds, ShownScenario, page, tools
from tests.docs.test_documents import ROOT
from tests.docs.test_nothing_left_out import DOCS
from tests.each import of_each

TOOLS = tools((DOCS / "venir-d-ailleurs.toml").read_text(encoding="utf-8"))
LINES = [line for tool in TOOLS for line in tool.capabilities]
#: The folders whose scenarios the tests play, every one.
PLAYED = ("rules", "rules/par-sms", "tests/scenarios", "tests/simulation/politique")


def test_the_page_is_the_one_that_its_data_give() -> None:
    assert (DOCS / "venir-d-ailleurs.md").read_text(encoding="utf-8") == page(TOOLS)


@of_each(sorted({one for line in LINES for one in line.scenarios}, key=str), str)
def test_each_scenario_named_is_one_that_the_tests_play(shown: ShownScenario) -> None:
    path = ROOT / shown.file
    assert path.parent.relative_to(ROOT).as_posix() in PLAYED
    blocks = parse(path.read_text(encoding="utf-8"), load_plugins().catalogue).script.blocks
    names = [key_of(one.name.text) for one in blocks if isinstance(one, Scenario)]
    assert key_of(shown.name) in names


@of_each(sorted({one for line in LINES for one in line.commands}), str)
def test_each_command_named_exists_and_takes_what_it_is_given(line: str) -> None:
    program, command, *words = shlex.split(line)
    assert (program, command in COMMANDS) == ("relance", True)
    load(command).make_context(command, words)


@of_each(sorted({one for line in LINES for one in line.docs}), str)
def test_each_section_named_is_in_its_page(place: str) -> None:
    target, _, section = place.partition("#")
    text = (DOCS / target).read_text(encoding="utf-8")
    assert not section or any(
        one.strip("# ") == section for one in text.splitlines() if one.startswith("#")
    )


def test_a_line_is_shown_somewhere_or_says_what_is_missing() -> None:
    with pytest.raises(ValueError, match="nulle part"):
        Capability("Voler")
    with pytest.raises(ValueError, match="lequel"):
        Capability("Voler", screen="un ciel", missing="des ailes")
    assert Capability("Voler", missing="des ailes").holds is Holds.MISSING
