"""Forms taken a second, answered after the commit, against a bare Starlette endpoint.

Both are real servers in processes of their own under the same uvicorn settings; a third process
posts a form of 413 bytes, each about a new lead, over 32 keep-alive connections.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from bench.figures import Figure, Goal, interleaved, table
from bench.ports import free_port
from bench.processes import bare, relance

#: Listens to other forms: the engine reads each event, and finds nobody concerned.
SCRIPT = """\
campagne « Infolettre »
  entrée
    quand Formulaire (Infolettre) rempli

  Ajouter à la liste (Infolettre)
  Attendre pendant 2 jours
  si Pointage lead au-dessus de (50)
    Étiqueter (Curieux)
  fin
fin
"""

SETTINGS = """\
adresse = "http://127.0.0.1:{port}"
ecoute = "127.0.0.1"
port = {port}
publication = "à l’enregistrement"

[formulaires]
debit = 0
"""


def project(folder: Path, port: int) -> Path:
    """A project that takes forms from anyone, at any rate."""
    (folder / "infolettre.relance").write_text(SCRIPT, encoding="utf-8")
    (folder / "relance.toml").write_text(SETTINGS.format(port=port), encoding="utf-8")
    return folder


def _load(port: int, seconds: float, connections: int, firsts: Iterator[int]) -> float:
    arguments = [str(part) for part in (port, seconds, connections, next(firsts))]
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", *arguments], capture_output=True, text=True, check=True
    )
    result = json.loads(done.stdout)
    if result["failed"] or not result["accepted"]:
        raise RuntimeError(f"forms were refused: {result}")
    return float(result["per_second"])


def measure(runs: int = 5, seconds: float = 4.0, connections: int = 32) -> list[Figure]:
    """Forms a second, both servers standing, loaded in turn."""
    firsts = count(0, 50_000)
    with tempfile.TemporaryDirectory() as name:
        port, bare_port = free_port(), free_port()
        with relance(project(Path(name), port), port), bare(Path(name), bare_port, 0):
            for warm in (port, bare_port):
                _load(warm, min(seconds, 1.0), connections, firsts)
            ours, baseline = interleaved(
                runs,
                lambda: _load(port, seconds, connections, firsts),
                lambda: _load(bare_port, seconds, connections, firsts),
            )
    return [
        Figure(
            "Formulaires reçus, répondus après écriture",
            "/s",
            ours,
            "Starlette nu, qui ne garde rien",
            baseline,
            Goal.AT_LEAST,
            0.8,
        )
    ]


if __name__ == "__main__":
    print(table(measure()))
