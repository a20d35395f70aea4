"""Any event that a site or another program posts, under the name it gives."""

from collections.abc import Sequence

from relance.events import CUSTOM, EventPattern
from relance.facts import Condition, Events, longer_than
from relance.hookspecs import hookimpl
from relance.phrase import Kind, Phrase
from relance.slot import SlotType
from relance.values import Duration

relance_contract = 1


def happened(name: str) -> EventPattern:
    """An event that the project’s own site or program posts, by the name it gives it."""
    return EventPattern(CUSTOM, name)


def since_event(delay: Duration, name: str) -> Condition:
    """More time than that has passed since the last one; false if there was none."""
    return longer_than(delay, Events(EventPattern(CUSTOM, name)))


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Whatever may come, and how long ago it came."""
    return (
        Phrase(
            id="custom.happened",
            kind=Kind.EVENT,
            pattern="Événement {name:événement} survenu",
            english="Event {name:événement} occurred",
            means=happened,
            help="L’événement de ce nom a été reçu à propos du lead ; ses détails se testent "
            "avec « où (champ) (comparateur) (valeur) ».",
            example="Événement (Panier abandonné) survenu",
        ),
        Phrase(
            id="custom.since",
            kind=Kind.STATE,
            pattern="Plus de {delay:durée} se sont écoulées depuis événement {name:événement}",
            aliases=("Plus de {delay:durée} se sont écoulées depuis l’événement {name:événement}",),
            english="More than {delay:durée} have passed since event {name:événement}",
            means=since_event,
            help="Vrai si plus de temps que cela s’est écoulé depuis le dernier événement de ce "
            "nom. S’il n’a jamais eu lieu, la réponse est non.",
            example="Plus de (90 minutes) se sont écoulées depuis événement (Panier abandonné)",
        ),
    )


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """Open: other programs make events."""
    return (SlotType("événement", "Le nom d’un événement, tel qu’il est envoyé au serveur."),)
