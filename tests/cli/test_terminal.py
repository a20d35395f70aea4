"""Whatever the terminal is, or if it goes away: a sentence at worst, never a traceback."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli.outcome import CommandStop
from server.cli.rewriting import rewrite

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "server.cli.main")


def run(*arguments: str, stdout: int = subprocess.PIPE, **variables: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [*COMMAND, *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, **variables},
        timeout=60,
    )
    shown = (done.stdout or b"").decode(variables.get("PYTHONIOENCODING", "utf-8"))
    return done.returncode, shown, done.stderr.decode("utf-8", "replace")


def test_a_terminal_that_knows_no_accent_gets_utf_8() -> None:
    code, out, err = run(
        "test", "rules/prospects.relance", LC_ALL="POSIX", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0"
    )
    assert (code, err) == (0, "")
    assert "✓" in out


def test_what_a_terminal_cannot_show_is_replaced() -> None:
    code, out, err = run("test", "rules/prospects.relance", PYTHONIOENCODING="latin-1")
    assert (code, err) == (0, "")
    assert "scénario" in out


@pytest.mark.parametrize("command", [("phrases",), ("phrases", "--json"), ("check", "rules")])
def test_a_reader_that_leaves_early_is_no_error(command: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        code, _, err = run(*command, stdout=writing)
    finally:
        os.close(writing)
    assert (code, err) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        code, _, err = run("phrases", stdout=full)
    finally:
        os.close(full)
    assert code == 2
    assert "plus de place" in err
    assert "Traceback" not in err


def test_a_file_in_the_way_of_the_demonstration_is_told(tmp_path: Path) -> None:
    (tmp_path / "pris").write_text("", encoding="utf-8")
    code, _, err = run(
        "demo", "--port", "0", "--port-boutique", "0", "--dossier", f"{tmp_path}/pris/x"
    )
    assert code == 2
    assert "pris" in err
    assert "Traceback" not in err


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_script_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.relance").write_text(
        'campagne "X"\nentrée\nquand Formulaire (A) rempli\nfin\nfin\n', encoding="utf-8"
    )
    tmp_path.chmod(0o555)
    code, _, err = run("fmt", str(tmp_path))
    assert code == 2
    assert "x.relance" in err
    assert "l’accès est refusé" in err


def test_a_script_that_cannot_be_replaced_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "replace", refused)
    script = tmp_path / "x.relance"
    script.write_text("ancien", encoding="utf-8")
    with pytest.raises(CommandStop, match=r"x\.relance.*qu’être lu"):
        rewrite(script, "nouveau")
    assert [path.name for path in tmp_path.iterdir()] == ["x.relance"]
