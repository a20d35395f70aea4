"""Behind a base that another program holds, each command says so in French, soon."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.cli.main import main
from server.runtime import Runtime
from server.settings import load_settings
from server.store import connect
from tests.whole import running

READING = (
    "explain toutes a@exemple.ca --dossier",
    "listes",
    "exporter sortie.csv --dossier",
    "indicateurs",
    "incertains",
    "retenus",
    "refus",
    "ecartees",
    "declarations",
    "liens",
)
WRITING = (
    "importer leads.csv --dossier",
    "retablir a@exemple.ca --raison essai --dossier",
    "accepter 1 --dossier",
    "refuser 1 --dossier",
    "separer a@exemple.ca --dossier",
    "retenus --abandonner",
    "restaurer-base --deja-fait --dossier",
    "serve",
)


@contextmanager
def held(project: Path, *, alone: bool) -> Iterator[None]:
    """Another program writes; `alone`, it lets nobody read either."""
    other = sqlite3.connect(project / ".relance" / "relance.db", isolation_level=None)
    if alone:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE" if alone else "BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


@pytest.fixture
def born(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose base exists, and patience that is short."""

    async def once() -> None:
        async with running(Runtime(load_settings(project, {"RELANCE_PORT": "0"}))):
            pass

    asyncio.run(once())
    monkeypatch.setattr(connect, "_BUSY_MS", 50)
    monkeypatch.setenv("RELANCE_PORT", "0")
    monkeypatch.chdir(project)
    Path("leads.csv").write_text("courriel;prénom\na@exemple.ca;Al\n", encoding="utf-8")
    return project


@pytest.mark.parametrize("alone", [True, False], ids=["seul", "écrit"])
def test_a_held_base_is_told_in_french(
    born: Path, capsys: pytest.CaptureFixture[str], alone: bool
) -> None:
    for command in (*READING, *WRITING) if alone else WRITING:
        began = time.monotonic()
        with held(born, alone=alone), pytest.raises(SystemExit) as ended:
            main([*command.split(), str(born)])
        err = " ".join(capsys.readouterr().err.split())
        assert ended.value.code == 2, (command, err)
        assert "un autre programme s’en sert" in err, (command, err)
        assert "locked" not in err, command
        assert time.monotonic() - began < 15, command
