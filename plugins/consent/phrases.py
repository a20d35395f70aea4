"""Phrases on consents, and the events they stand for."""

from relance.consent import GIVEN, WITHDRAWN, Basis
from relance.event_type import EventType
from relance.events import EventPattern
from relance.phrase import Kind, Phrase

EVENT_TYPES = (
    EventType(
        GIVEN,
        "consentement donné",
        "La personne accepte qu’on lui écrive ; «\u00a0sujet\u00a0» : exprès ou implicite, «\u00a0contexte\u00a0» : le canal.",
        sentence="Consentement[ {subject}] donné[ ({context})]",
        icon="✓",
    ),
    EventType(
        WITHDRAWN,
        "consentement retiré",
        "La personne n’accepte plus qu’on lui écrive ; «\u00a0contexte\u00a0» : le canal.",
        sentence="Consentement retiré[ ({context})]",
        icon="✗",
    ),
)


def given() -> EventPattern:
    """The lead consented, on whatever basis."""
    return EventPattern(GIVEN)


def express() -> EventPattern:
    """The lead said that it consents."""
    return EventPattern(GIVEN, Basis.EXPRESS.label)


def implied() -> EventPattern:
    """What the lead did lets it be written to for a while."""
    return EventPattern(GIVEN, Basis.IMPLIED.label)


def withdrawn() -> EventPattern:
    """The lead took its consent back."""
    return EventPattern(WITHDRAWN)


PHRASES = (
    Phrase(
        id="consent.given",
        kind=Kind.EVENT,
        pattern="Consentement donné",
        aliases=("Le lead consent à recevoir nos messages",),
        english="Consent given",
        means=given,
        help="Un consentement est noté, exprès ou implicite, quel que soit le canal.",
        example="Consentement donné",
    ),
    Phrase(
        id="consent.express",
        kind=Kind.EVENT,
        pattern="Consentement exprès donné",
        aliases=("Le lead donne son consentement exprès",),
        english="Express consent given",
        means=express,
        help="Le lead a dit lui-même qu’il accepte : une case cochée, un fichier importé qui le dit.",
        example="Consentement exprès donné",
    ),
    Phrase(
        id="consent.implied",
        kind=Kind.EVENT,
        pattern="Consentement implicite donné",
        aliases=(),
        english="Implied consent given",
        means=implied,
        help="Un consentement implicite est noté, par un fichier importé par exemple. Les achats et les "
        "demandes en valent un d’eux-mêmes, sans être notés.",
        example="Consentement implicite donné",
    ),
    Phrase(
        id="consent.withdrawn",
        kind=Kind.EVENT,
        pattern="Consentement retiré",
        aliases=("Le lead retire son consentement",),
        english="Consent withdrawn",
        means=withdrawn,
        help="Le lead n’accepte plus qu’on lui écrive.",
        example="Consentement retiré",
    ),
)
