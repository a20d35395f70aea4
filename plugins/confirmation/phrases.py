"""Phrases on what was confirmed."""

from relance.event_type import EventType
from relance.events import EventPattern
from relance.phrase import Kind, Phrase

EMAIL_CONFIRMED = "email_confirmed"
PHONE_CONFIRMED = "phone_confirmed"

EVENT_TYPES = (
    EventType(
        EMAIL_CONFIRMED, "courriel confirmé", "La personne a confirmé son adresse de courriel."
    ),
    EventType(PHONE_CONFIRMED, "numéro confirmé", "La personne a confirmé son numéro."),
)


def email_confirmed() -> EventPattern:
    """The lead confirmed its e-mail address."""
    return EventPattern(EMAIL_CONFIRMED)


def phone_confirmed() -> EventPattern:
    """The lead confirmed its number."""
    return EventPattern(PHONE_CONFIRMED)


PHRASES = (
    Phrase(
        id="confirmation.email",
        kind=Kind.EVENT,
        pattern="Adresse de courriel confirmée",
        aliases=("Le lead confirme son adresse de courriel", "Adresse courriel confirmée"),
        english="Email address confirmed",
        means=email_confirmed,
        help="Le lead a pressé le bouton de la page de confirmation, ou tapé le code reçu à cette "
        "adresse. Suivre un autre lien d’un courriel prouve l’adresse sans être une confirmation.",
        example="Adresse de courriel confirmée",
    ),
    Phrase(
        id="confirmation.phone",
        kind=Kind.EVENT,
        pattern="Numéro de téléphone confirmé",
        aliases=("Le lead confirme son numéro de téléphone", "Numéro de cellulaire confirmé"),
        english="Phone number confirmed",
        means=phone_confirmed,
        help="Le lead a tapé le code reçu par SMS à ce numéro, ou pressé le bouton de la page de "
        "confirmation où mène ce SMS. Répondre à un SMS prouve le numéro sans être une confirmation.",
        example="Numéro de téléphone confirmé",
    ),
)
