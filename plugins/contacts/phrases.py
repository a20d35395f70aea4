"""Phrases on conversations."""

from decimal import Decimal

from relance.events import (
    CONTACT_ENDED,
    CONTACT_MADE,
    CONTACT_MISSED,
    CONTACT_RATED,
    CONTACT_UNANSWERED,
    EventPattern,
    PropertyTest,
)
from relance.phrase import Kind, Phrase
from relance.values import Comparator, Duration

RATING, ANSWERED_IN, LASTED = "note", "delai_reponse", "duree_traitement"


def made() -> EventPattern:
    """Somebody talked with the lead."""
    return EventPattern(CONTACT_MADE)


def missed(reason: str | None = None) -> EventPattern:
    """Nobody could, for that reason or any."""
    return EventPattern(CONTACT_MISSED, reason)


def unanswered() -> EventPattern:
    """The lead wrote, nobody answered."""
    return EventPattern(CONTACT_UNANSWERED)


def ended() -> EventPattern:
    """The conversation is over."""
    return EventPattern(CONTACT_ENDED)


def rated() -> EventPattern:
    """The lead said what it thought of it."""
    return EventPattern(CONTACT_RATED)


def rating(comparator: Comparator, number: Decimal) -> EventPattern:
    """A rating that compares so."""
    if not 1 <= number <= 5:
        raise ValueError("la satisfaction se note de 1 à 5")
    return _tested(CONTACT_RATED, RATING, comparator, number)


def answered_in(comparator: Comparator, delay: Duration) -> EventPattern:
    """A contact whose first message came so fast."""
    return _tested(CONTACT_MADE, ANSWERED_IN, comparator, _seconds(delay))


def lasted(comparator: Comparator, delay: Duration) -> EventPattern:
    """A contact that took so long."""
    return _tested(CONTACT_ENDED, LASTED, comparator, _seconds(delay))


def _tested(type_: str, name: str, comparator: Comparator, value: Decimal) -> EventPattern:
    return EventPattern(type_, properties=(PropertyTest(name, comparator, value),))


def _seconds(delay: Duration) -> Decimal:
    if delay.months:
        raise ValueError("cette phrase compte en secondes, en minutes, en heures ou en jours")
    return Decimal(delay.days * 86_400 + delay.seconds)


PHRASES = (
    Phrase(
        id="contacts.made",
        kind=Kind.EVENT,
        pattern="Contact établi",
        means=made,
        help="Une conversation a commencé entre le lead et un conseiller.",
        example="Contact établi",
        english="Contact made",
    ),
    Phrase(
        id="contacts.missed",
        kind=Kind.EVENT,
        pattern="Contact manqué [{reason:raison}]",
        means=missed,
        help="Le lead aurait pu être contacté et ne l’a pas été : conseillers (absents) du site, ou "
        "tous (occupés) ; sans raison écrite, l’un ou l’autre.",
        example="Contact manqué (absents)",
        english="Contact missed [{reason:raison}]",
    ),
    Phrase(
        id="contacts.unanswered",
        kind=Kind.EVENT,
        pattern="Contact sans réponse",
        means=unanswered,
        help="Le lead a écrit à un conseiller et personne ne lui a répondu.",
        example="Contact sans réponse",
        english="Contact unanswered",
    ),
    Phrase(
        id="contacts.ended",
        kind=Kind.EVENT,
        pattern="Contact terminé",
        means=ended,
        help="La conversation entre le lead et un conseiller est finie.",
        example="Contact terminé",
        english="Contact ended",
    ),
    Phrase(
        id="contacts.rated",
        kind=Kind.EVENT,
        pattern="Satisfaction donnée",
        means=rated,
        help="Le lead a répondu à la question sur sa satisfaction, quelle que soit sa note.",
        example="Satisfaction donnée",
        english="Satisfaction given",
    ),
    Phrase(
        id="contacts.rating",
        kind=Kind.EVENT,
        pattern="Satisfaction du contact est {comparator:comparateur} {number:nombre}",
        means=rating,
        help="Le lead a donné une note qui se compare ainsi, de 1 à 5 ; une note suffit, les "
        "autres ne comptent pas.",
        example="Satisfaction du contact est (au moins) (4)",
        english="Satisfaction with contact is {comparator:comparateur} {number:nombre}",
    ),
    Phrase(
        id="contacts.answered_in",
        kind=Kind.EVENT,
        pattern="Délai de réponse du contact est {comparator:comparateur} {delay:durée}",
        means=answered_in,
        help="Un contact du lead a reçu son premier message en un temps qui se compare ainsi.",
        example="Délai de réponse du contact est (supérieur à) (2 minutes)",
        english="Response time of contact is {comparator:comparateur} {delay:durée}",
    ),
    Phrase(
        id="contacts.lasted",
        kind=Kind.EVENT,
        pattern="Temps de traitement du contact est {comparator:comparateur} {delay:durée}",
        means=lasted,
        help="Un contact du lead a duré un temps qui se compare ainsi.",
        example="Temps de traitement du contact est (supérieur à) (10 minutes)",
        english="Handling time of contact is {comparator:comparateur} {delay:durée}",
    ),
)
