"""How long a server with ten thousand campaigns takes to be there: the first form taken, then moved by.

What is published already is started again, nothing of it changed. The baseline is the same server
with one campaign.

`python -m bench.starting [CAMPAIGNS]` takes another number.
"""

import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import httpx

from bench import stage
from bench.figures import Figure, Goal, french, table
from bench.intake import SETTINGS
from bench.ports import free_port
from bench.processes import relance

MANY = 10_000
_A_FILE = 100
_CAMPAIGN = """\
campagne « Parcours {number} »
  entrée
    quand Formulaire (Inscription {number}) rempli
  sortie réussie
    quand Page (Merci {number}) visitée

  étape « Accueil »
  Étiqueter (Parcours {number})
  Attendre pendant 2 jours
  si Lead étiqueté (Client)
    Changer pointage (+5)
  fin
fin

"""
_MOVED = "SELECT count(*) FROM enrolments"


class _Project:
    """So many campaigns, published already."""

    def __init__(self, folder: Path, campaigns: int) -> None:
        folder.mkdir()
        self._folder, self._port, self._asked = folder, free_port(), 0
        (folder / "relance.toml").write_text(SETTINGS.format(port=self._port), encoding="utf-8")
        for first in range(0, campaigns, _A_FILE):
            numbers = range(first, min(first + _A_FILE, campaigns))
            text = "".join(_CAMPAIGN.format(number=number) for number in numbers)
            (folder / f"parcours-{first}.relance").write_text(text, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "server.cli.main",
            "publier",
            str(folder),
            "--tout-activer",
        ]
        subprocess.run(command, check=True, capture_output=True)

    def _post(self) -> None:
        self._asked += 1
        address = f"http://127.0.0.1:{self._port}/webhooks/forms/Inscription%200"
        httpx.post(
            address, data={"courriel": f"v{self._asked}@exemple.ca"}, timeout=60
        ).raise_for_status()

    def _until_moved(self) -> None:
        """Wait until whoever posted is in."""
        with closing(stage.connect(next(self._folder.glob(".relance/*.db")))) as db:
            while db.execute(_MOVED).fetchone() != (self._asked,):
                time.sleep(0.05)

    def start(self) -> tuple[float, float, float]:
        """Seconds from the command to the first form answered, then to whom it lets in; processor."""
        began = time.perf_counter()
        with relance(self._folder, self._port) as server:
            self._post()
            answered = time.perf_counter() - began
            self._until_moved()
            return answered, time.perf_counter() - began, server.processor()


def measure(campaigns: int = MANY, runs: int = 3) -> list[Figure]:
    """The first form answered, the first lead let in."""
    with tempfile.TemporaryDirectory() as name:
        many, one = (_Project(Path(name) / str(count), count) for count in (campaigns, 1))
        ours, alone = zip(*((many.start(), one.start()) for _ in range(runs)), strict=True)
    heads = f"{french(campaigns)} campagnes : "
    return [
        Figure(
            f"{heads}{what}",
            "s",
            [run[place] for run in ours],
            "une campagne",
            [run[place] for run in alone],
            Goal.AT_MOST if bound else None,
            bound or 0.0,
            on_ratio=False,
        )
        for place, (what, bound) in enumerate(
            (
                ("premier formulaire reçu", None),
                ("premier lead entré", 10.0),
                ("processeur jusque-là", None),
            )
        )
    ]


if __name__ == "__main__":
    print(table(measure(*(int(one) for one in sys.argv[1:]))))
