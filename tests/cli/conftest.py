"""A small project on disk, and the command run in-process as a person would run it."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from server.cli.main import main

MAIL = """\
---
nom: Tarifs
objet: Nos tarifs
expéditeur: La Petite Roue <bonjour@lapetiteroue.example>
aperçu: Tout compris.
---

Bonjour,

[Voir les tarifs](https://www.lapetiteroue.example/tarifs)
"""

SCRIPT = """\
campagne « Tarifs »
  entrée
    quand Formulaire (Demande de tarif) rempli

  Envoyer courriel (Tarifs)
  attendre au plus 3 jours
    dès que Lien (Voir les tarifs) cliqué dans courriel (Tarifs)
      Changer pointage (+10)
    passé ce délai
      Étiqueter (À rappeler)
  fin
fin

scénario « clique le lendemain »
  lead (Aline) : courriel (aline@example.com)
  le 2026-12-01 à 9 h, (Aline) : Formulaire (Demande de tarif) rempli
  1 jour plus tard, (Aline) : Lien (Voir les tarifs) cliqué dans courriel (Tarifs)
  vérifier (Aline) : Pointage lead entre (10) et (10)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
#: Without its scenario: nothing is played before it is published.
UNTRIED = SCRIPT.partition("\nscénario")[0]


SETTINGS = """\
fuseau = "America/Montreal"
publication = "à l’enregistrement"
"""


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "projet"
    (folder / "courriels").mkdir(parents=True)
    (folder / "relance.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "courriels" / "tarifs.md").write_text(MAIL, encoding="utf-8")
    (folder / "tarifs.relance").write_text(SCRIPT, encoding="utf-8")
    return folder


@pytest.fixture
def relance(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    def run(*arguments: object) -> Said:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), plain(out), plain(err))

    return run


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")
