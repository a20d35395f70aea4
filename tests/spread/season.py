"""A small busy season: every state and every activity of the built-in phrases, asked and done.

It is made of the examples of the phrases themselves: one that is added to the catalogue is played.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from dsl.phrases.catalogue import Catalogue
from dsl.project import Checked, check
from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.person import Person
from relance.phrase import Kind, Phrase
from relance.proof import Proof
from server.engine.publication.project import project_of
from server.plugins import Plugins
from server.simulation.moments import start_of
from server.simulation.outside import Outside
from server.simulation.player import Player
from server.simulation.stage import Stage
from server.store.store import Store

#: What it is tried on.
SCENARIO = """\
scénario « la saison »
  lead (Aline) : courriel (aline@exemple.ca), prénom (ALINE), nom (Roy)
  le 2026-12-01 à 9 h, (Aline) : Page web (/velos) visitée
  1 heure plus tard, (Aline) : Page web (/velos) visitée
  1 minute plus tard, (Aline) : Formulaire (Saison) rempli
  3 jours plus tard, (Aline) : Achat effectué où (montant) égal à (40)
  1 jour plus tard, (Aline) : Formulaire (Réponse) rempli
  40 jours plus tard, (Aline) : Formulaire (Réponse) rempli
fin
"""
_FRAME = """\
champs
  « date d’achat » : date
  « fin d’abonnement » : date
  « pointure » : nombre
fin

intérêt « Vélo »
  +3 quand Page web (/velos*) visitée
fin

conversion « Démo » : Formulaire (Saison) rempli

liste « Habitués » : Nombre de visites (au moins)(2) et Intérêt « Vélo » au-dessus de 2
liste « Dormeurs » : Aucun achat depuis (30 jours)

campagne « Saison »
  entrée
    quand Formulaire (Saison) rempli
    quand Lead membre de la liste (Habitués)
  sortie échouée
    quand Désabonné du courriel (Tarifs)
    après 60 jours
{activities}
  attendre que Formulaire (Réponse) rempli, au plus 2 jours
  attendre au plus 5 jours
    dès que Achat effectué où (montant) au-dessus de (10)
      Changer pointage (+1)
    dès que Pointage lead au-dessus de (1000)
      Changer pointage (+2)
  fin
  Attendre un jour de la semaine de 9 h à 17 h
{states}
  étape « Fin »
fin

campagne « Bienvenue »
  réentrée : après sortie
  entrée
    quand Formulaire (Bienvenue) rempli

  Attendre pendant 2 jours
fin

"""


#: What the examples name, as if the project had it.
_OFFERED = {
    "courriel": ["Tarifs"],
    "SMS": ["Rappel"],
    "notification": ["Panier"],
    "vendeur": ["Marc Tremblay"],
    "appel": ["comptabilité"],
    "promotion": ["Noël"],
}
#: So many conditions a decision.
_TOGETHER = 4


def season(catalogue: Catalogue) -> Checked:
    """The project, checked."""
    activities = [f"  {one.example}" for one in _of(catalogue, Kind.ACTIVITY)]
    asked = [one.example for one in (*_of(catalogue, Kind.STATE), *_events(catalogue))]
    states = [
        f"  si {' ou '.join(asked[at : at + _TOGETHER])}\n    Changer pointage (+1)\n  fin"
        for at in range(0, len(asked), _TOGETHER)
    ]
    text = _FRAME.format(activities="\n".join(activities), states="\n".join(states)) + SCENARIO
    return check({"saison.relance": text}, catalogue, _OFFERED)


def _of(catalogue: Catalogue, kind: Kind) -> Iterator[Phrase]:
    return (one for one in catalogue.phrases.values() if one.kind is kind)


def _events(catalogue: Catalogue) -> Iterator[Phrase]:
    """One of each extension: as conditions, they all ask whether something happened."""
    by_extension = {one.id.partition(".")[0]: one for one in _of(catalogue, Kind.EVENT)}
    return iter(by_extension.values())


class OnPostgresql(Stage):
    """The stage of scenarios, on a database of PostgreSQL."""

    def __init__(self, address: str, plugins: Plugins) -> None:
        super().__init__(ZoneInfo("America/Montreal"), words=plugins.words)
        self._address = address

    async def __aenter__(self) -> "OnPostgresql":
        self.store = await Store.open(self._address, self.clock)
        return self


async def play(address: str, plugins: Plugins) -> None:
    """Play it: the scenario, then two browsers that are one person's, then beside another process."""
    checked = season(plugins.catalogue)
    fields = [(one.name, one.type, one.choices) for one in checked.fields]
    async with OnPostgresql(address, plugins) as stage:
        people = (Person("Marc Tremblay", "marc@exemple.ca", None),)
        await stage.set_up(fields, project_of(checked, people), plugins.rewriters())
        outside = Outside([one.program for one in checked.programs], plugins, None)
        (scenario,) = checked.scenarios
        await stage.begin(start_of(scenario.lines, stage.zone), outside.channels())
        types = {one.type: one for one in plugins.event_types()}
        played = await Player(scenario, stage, stage.zone, types, plugins.glossary).play()
        assert played.passed, played.failures
        browser, address = Identities(visitor="5" * 32), Identities(email="zoe@exemple.ca")
        for who in (browser, address, replace(address, visitor=browser.visitor)):
            await _come(stage, who)
        await stage.engine.sharing.divide(stage.store, 1)
        await _come(stage, Identities(email="luc@exemple.ca"))
        await stage.reach(stage.clock.now() + timedelta(days=3))


async def _come(stage: Stage, who: Identities) -> None:
    form = (NewEvent("form_submitted", "Bienvenue"),)
    await stage.record(Incoming("form:Bienvenue", who, {}, form, proof=Proof.SIGNED))
    await stage.settle()
