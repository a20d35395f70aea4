"""Any event that a site or another program posts, under the name it gives."""

from collections.abc import Sequence

from relance.events import EventPattern
from relance.hookspecs import hookimpl
from relance.phrase import Kind, Phrase
from relance.slot import SlotType

relance_contract = 1

CUSTOM = "custom"


def happened(name: str) -> EventPattern:
    """The event of that name."""
    return EventPattern(CUSTOM, name)


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """One phrase for whatever may come."""
    return (
        Phrase(
            id="custom.happened",
            kind=Kind.EVENT,
            pattern="Événement {name:événement} survenu",
            means=happened,
            help="L’événement de ce nom a été reçu à propos du lead ; ses détails se testent "
            "avec « où (champ) (comparateur) (valeur) ».",
            example="Événement (Panier abandonné) survenu",
        ),
    )


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """Open: other programs make events."""
    return (SlotType("événement", "Le nom d’un événement, tel qu’il est envoyé au serveur."),)
