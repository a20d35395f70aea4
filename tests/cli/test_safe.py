"""What strangers typed cannot repaint the operator's terminal."""

import json
import logging
from collections.abc import Callable
from datetime import UTC
from io import StringIO
from pathlib import Path

import pytest
import rich.console
import typer.main
from rich.table import Table

from relance.legible import in_json
from relance.report import CellType, Column, Report
from server.cli.main import app
from server.cli.report import show
from server.cli.safe import safe
from server.cli.terminal import Console, Lines
from server.reports.screen import screen
from tests.cli.conftest import Said
from tests.house.modules import imported, modules, name_of

#: What repaints, what retitles, what erases (in one byte too), what turns the order round.
HOSTILE = "\x1b[2J\x1b]0;t\x07\x9b2J\u202e\u2066\u200b\x08\r\x7f"


def printed(text: str) -> str:
    out = StringIO()
    rich.console.Console(file=out, force_terminal=True, color_system="standard", width=80).print(
        safe(text), highlight=False
    )
    return out.getvalue().rstrip("\n")


def test_escape_sequences_are_shown_not_obeyed() -> None:
    assert printed("\x1b[2J\x1b]0;titre\x07Aline") == "\ufffd[2J\ufffd]0;titre\ufffdAline"


def test_markup_is_shown_not_obeyed() -> None:
    assert printed("[bold red]Aline[/]") == "[bold red]Aline[/]"


def test_reading_order_cannot_be_reversed() -> None:
    assert "\u202e" not in printed("Aline\u202eenilA")


def test_french_and_emoji_stay_as_they_are() -> None:
    assert printed("«\u00a0Noël\u00a0» 👩\u200d👧") == "«\u00a0Noël\u00a0» 👩\u200d👧"


def obeyed(text: str) -> set[str]:
    """What a terminal would obey in there, rich's own colours aside."""
    return set(text) & set(HOSTILE) - set("[2J]0;tm")


def test_the_terminal_s_door_lets_no_text_command_it() -> None:
    out = StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=80)
    table = Table()
    table.add_column(HOSTILE)
    table.add_row(HOSTILE)
    console.print(HOSTILE, style="red")
    console.print(table)
    left = out.getvalue()
    assert obeyed(left) == {"\x1b"}, "our own colours"
    assert all(code.split("m")[0].replace(";", "").isdigit() for code in left.split("\x1b[")[1:])


LINE = HOSTILE.replace("\r", "")
SCRIPT = f"""campagne « A{LINE} »
  entrée
    quand Formulaire (Contact{LINE}) remplit

  Fairre quelque chose {LINE}
fin
"""


@pytest.mark.parametrize("command", ["check", "test", "fmt", "serve", "explain", "listes"])
def test_no_command_prints_what_the_terminal_would_obey(
    relance: Callable[..., Said], project: Path, command: str
) -> None:
    (project / "mauvais.relance").write_text(SCRIPT, encoding="utf-8", newline="")
    scenarios = f"scénario « {HOSTILE} »\n  {HOSTILE}\nfin\n"
    (project / "mauvais.essais").write_text(scenarios, encoding="utf-8", newline="")
    places = [project] if command not in {"serve", "explain", "listes"} else []
    for arguments in (places, [HOSTILE], [f"--{HOSTILE}"], ["--dossier", HOSTILE]):
        if command == "serve" and arguments == places:
            continue  # it would serve
        said = relance(command, *arguments)
        assert obeyed(said.out + said.err) == set(), (command, arguments)


COMMANDS = sorted(typer.main.get_command(app).commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_echoes_what_the_terminal_would_obey(
    relance: Callable[..., Said], project: Path, command: str
) -> None:
    """Whatever its arguments: hostile ones, too many, a folder that is not, a file that is not."""
    options = ([f"--{HOSTILE}"], ["--dossier", HOSTILE], ["--json", f"{HOSTILE}.csv"])
    for arguments in ([HOSTILE], [HOSTILE, HOSTILE, HOSTILE], *options):
        said = relance(command, *arguments)
        assert said.code != 0 or command == "phrases", (command, arguments)
        assert obeyed(said.out + said.err) == set(), (command, arguments)
        assert "Traceback" not in said.err


def test_json_says_the_same_and_commands_nothing(
    relance: Callable[..., Said], project: Path
) -> None:
    (project / "mauvais.relance").write_text(SCRIPT, encoding="utf-8", newline="")
    said = relance("check", "--json", project)
    assert obeyed(said.out) == set()
    assert json.loads(said.out)["ok"] is False
    for text in (HOSTILE, "\U000e0001 \ud800 é"):
        written = in_json({"a": text})
        assert json.loads(written) == {"a": text}
        assert all(sign.isprintable() for sign in written)


def test_the_log_is_one_line_a_fact_and_paints_nothing() -> None:
    record = logging.LogRecord("a", logging.INFO, "", 0, "reçu %s", (f"{HOSTILE}\nfaux",), None)
    line = Lines("%(message)s").format(record)
    assert obeyed(line) == set()
    assert "\n" not in line


@pytest.mark.parametrize("path", modules("server/cli"), ids=name_of)
def test_commands_print_by_that_door_alone(path: Path) -> None:
    if path.name == "terminal.py":
        return
    assert "rich.console" not in imported(path)
    source = path.read_text(encoding="utf-8")
    assert not [line for line in source.splitlines() if line.lstrip().startswith("print(")]


def test_several_texts_of_a_cell_stand_each_on_its_own_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    columns = (Column("Qui"), Column("Noms", kind=CellType.LINES))
    show(screen(Report("Essai", columns, (("a", ("un\x1b[2J", "deux")),)), UTC))
    said = capsys.readouterr().out
    assert [line.split()[-1] for line in said.splitlines()[-2:]] == ["un\ufffd[2J", "deux"]
