"""What members book and subscribe to: class cards, group classes, appointments, subscriptions."""

from collections.abc import Sequence

from plugins.bookings.happenings import TYPES
from plugins.bookings.phrases import PHRASES
from relance.event_type import EventType
from relance.hookspecs import hookimpl
from relance.phrase import Phrase
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """One phrase an event, the thing's name being optional."""
    return PHRASES


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """References are all open: the booking site makes them."""
    return (
        SlotType("carte", "Le nom d’une carte de cours."),
        SlotType("cours", "Le nom d’un cours collectif."),
        SlotType("rendez-vous", "Le nom d’un type de rendez-vous."),
        SlotType("souscription", "Le nom de ce à quoi le membre s’est abonné."),
    )


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """The booking site tells them all."""
    return TYPES
