"""The project the crash tests run: every kind of move a crash could double or lose."""

from pathlib import Path

SCRIPT = """\
liste « Chauds » : Intérêt (Choc) au-dessus de (3)
liste « Servis » : Lead membre de la liste (Chauds) et Pointage lead au-dessus de (9)

intérêt « Choc »
  +5 quand Formulaire (Inscription) rempli
  +1 quand Lead membre de la liste (Servis)
fin

conversion « Inscription » : Formulaire (Inscription) rempli

campagne « Choc »
  entrée
    quand Formulaire (Inscription) rempli

  Ajouter à la liste (Inscrits)
  Changer pointage (+10)
  Assigner à l’équipe de vente, envoyer alerte de type (Choc)
  Envoyer courriel (Bienvenue)
  attendre que Courriel (Bienvenue) envoyé, au plus 2 jours
  si Pointage lead entre (10) et (10)
    Envoyer courriel (Suite)
  sinon
    Envoyer courriel (Anomalie)
  fin
  étape « Fini »
fin
"""

#: A cap that holds the second message of each lead for a moment.
POLICY = """
politique
  au plus 1 courriel par 1 seconde
fin
"""

#: The people of the team, who get the alerts.
TEAM = ("marc@boutique.example", "zoe@boutique.example", "luc@boutique.example")

SETTINGS = """\
adresse = "http://127.0.0.1:{port}"
ecoute = "127.0.0.1"
port = {port}
fuseau = "America/Montreal"
publication = "à l’enregistrement"

[formulaires]
debit = 0

# In a long run thousands come, whose messages would rightly be held for somebody's decision.
[destinataires]
par_domaine = 0
par_campagne = 0

[email]
serveur = "127.0.0.1"
port = {smtp}
securite = "aucune"
expediteur = "La boutique <bonjour@boutique.example>"
regroupement_alertes = "0 s"
"""

MESSAGE = """\
---
objet: {name}
---
Bonjour !
"""


def write_project(folder: Path, *, port: int, smtp: int, policy: str = "") -> Path:
    """A project folder that listens on `port` and sends to the sink on `smtp`."""
    messages = folder / "courriels"
    messages.mkdir(parents=True)
    for name in ("Bienvenue", "Suite", "Anomalie"):
        (messages / f"{name.lower()}.md").write_text(MESSAGE.format(name=name), "utf-8")
    (folder / "choc.relance").write_text(SCRIPT + policy, "utf-8")
    people = [f'[[personne]]\nnom = "{one.partition("@")[0]}"\ncourriel = "{one}"' for one in TEAM]
    (folder / "equipe.toml").write_text("\n".join(people), "utf-8")
    (folder / "relance.toml").write_text(SETTINGS.format(port=port, smtp=smtp), "utf-8")
    return folder
