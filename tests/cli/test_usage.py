"""The command line speaks French, even when it is badly written, and never shows a traceback."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from server.cli.commands import COMMANDS

ENGLISH = ("Usage", "Error", "Missing", "No such", "Invalid", "Traceback", "Show this", "Commands")


def is_french(text: str) -> bool:
    return not any(word in text for word in ENGLISH)


def test_without_a_word_it_shows_its_commands(relance: Callable) -> None:
    said = relance()
    assert said.code == 0
    assert "Utilisation : relance COMMANDE" in said.out
    assert all(name in said.out for name in COMMANDS)
    assert is_french(said.out)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_in_french(relance: Callable, command: str) -> None:
    said = relance(command, "--help")
    assert said.code == 0
    assert f"Utilisation : relance {command}" in said.out
    assert "Afficher cette aide." in said.out
    assert is_french(said.out)


def test_the_version_is_shown_after_the_name(relance: Callable) -> None:
    said = relance("--version")
    assert said.code == 0
    assert said.out.startswith("relance ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["chek", "rules"], "La commande « chek » n’existe pas. Vouliez-vous dire « check » ?"),
        (["import", "leads.csv"], "Vouliez-vous dire « importer » ?"),
        (["check"], "Il manque CHEMIN"),
        (["explain", "Bienvenue"], "Il manque LEAD."),
        (["check", "rules", "--jsn"], "L’option « --jsn » n’existe pas."),
        (["demo", "--port"], "--port"),
        (["demo", "--port", "abc"], "La valeur donnée pour PORT ne convient pas."),
        (["serve", "a", "b"], "Argument en trop : b."),
    ],
)
def test_a_badly_written_command_is_told_in_french(
    relance: Callable, arguments: list[str], sentence: str
) -> None:
    said = relance(*arguments)
    assert said.code == 2
    assert sentence in said.err
    assert "--help" in said.err
    assert is_french(said.err)
    assert said.out == ""


def test_a_path_that_is_not_there_is_told(relance: Callable, tmp_path: Path) -> None:
    said = relance("check", tmp_path / "rien")
    assert said.code == 2
    assert "n’existe pas" in said.err


def test_a_wrong_setting_is_told(relance: Callable, project: Path) -> None:
    (project / "relance.toml").write_text("prot = 8080\n", encoding="utf-8")
    said = relance("check", project)
    assert said.code == 1
    assert "relance.toml:1" in said.out
    assert "Vouliez-vous dire « port »" in said.out


def test_a_command_loads_only_what_it_needs() -> None:
    seen = "import sys, server.cli.commands as c; c.load('check'); print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", seen], text=True).split()
    assert "dsl.read.parser" in loaded
    assert not {"sqlalchemy", "uvicorn", "starlette", "alembic"} & set(loaded)


def test_checking_scripts_loads_nothing_that_only_a_server_needs(project: Path) -> None:
    """A check is run at every save: half of its time would go to what sends and reads files."""
    seen = (
        "import sys\n"
        "from server.cli.main import main\n"
        "try: main(['check', sys.argv[1]])\n"
        "except SystemExit as end: assert not end.code\n"
        "print(*sys.modules)"
    )
    loaded = subprocess.check_output([sys.executable, "-c", seen, project], text=True).split()
    assert "plugins.push" in loaded
    heavy = {"cryptography", "httpx", "jwt", "openpyxl", "phonenumbers", "sqlalchemy", "uvicorn"}
    assert not heavy & set(loaded)
