from pathlib import Path

import pytest

from tests.whole import lay_out

SCRIPT = """\
champs
  budget : nombre
  secret : texte
fin

campagne « Accueil »
  objectif « Visite » : Page (Accueil) visitée
  entrée
    quand Formulaire (Essai) rempli

  Ajouter à la liste (Essais)
  Étiqueter (Curieux)
  si Champ lead (ville) est égal à (Sherbrooke)
    Étiqueter (Voisin)
  fin
  Envoyer courriel (Tarifs)
  attendre 30 jours
  Envoyer courriel (Tarifs)
fin
"""
TARIFS = """\
---
objet: Nos tarifs, {{ prénom }}
expéditeur: La Petite Roue <bonjour@lapetiteroue.example>
---

Bonjour {{ prénom }},

[Votre page](https://www.exemple.ca/{{ secret }}?pour={{ courriel }})

[La nôtre](https://www.exemple.ca/tarifs)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "projet", {"accueil.relance": SCRIPT, "courriels/tarifs.md": TARIFS})


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request: pytest.FixtureRequest) -> str | None:
    """The base of a server: PostgreSQL’s, or SQLite’s own of the project."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("lent_postgresql"))
