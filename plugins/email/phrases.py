"""Phrases on e-mails: one activity, and what becomes of a message."""

from datetime import date
from decimal import Decimal

from relance.effects import Effect, Send
from relance.events import EventPattern
from relance.facts import Condition, Events, Happened, SinceAgo, SinceDate
from relance.phrase import Kind, Phrase
from relance.values import Duration

SENT = "email_sent"


def send(message: str) -> tuple[Effect, ...]:
    """Send that message."""
    return (Send("email", message),)


def sent_lately(days: Decimal) -> Condition:
    """Any message in the last N times 24 hours."""
    if days != int(days) or days < 1:
        raise ValueError("le nombre de jours doit être un nombre entier, à partir de 1")
    return Happened(Events(EventPattern(SENT), SinceAgo(Duration(days=int(days)))))


def sent_since(message: str, since: date | Duration) -> Condition:
    """That message, since a date or that long ago."""
    anchor = SinceAgo(since) if isinstance(since, Duration) else SinceDate(since)
    return Happened(Events(EventPattern(SENT, message), anchor))


def sent(message: str) -> EventPattern:
    """That message was handed over."""
    return EventPattern(SENT, message)


def delivered(message: str) -> EventPattern:
    """That message arrived."""
    return EventPattern("email_delivered", message)


def opened(message: str) -> EventPattern:
    """Somebody opened that message."""
    return EventPattern("email_opened", message)


def bounced(message: str) -> EventPattern:
    """That message came back."""
    return EventPattern("email_bounced", message)


def unsubscribed(message: str) -> EventPattern:
    """The lead left through that message."""
    return EventPattern("email_unsubscribed", message)


def any_link(message: str) -> EventPattern:
    """Any tracked link of that message."""
    return EventPattern("link_clicked", None, message)


def link(link: str, message: str) -> EventPattern:
    """That link of that message."""
    return EventPattern("link_clicked", link, message)


PHRASES = (
    Phrase(
        id="email.send",
        kind=Kind.ACTIVITY,
        pattern="Envoyer courriel {message:courriel}",
        aliases=("Envoyer le courriel {message:courriel}",),
        means=send,
        help="Envoie ce courriel au lead, sauf s’il s’est désabonné ou n’a pas d’adresse.",
        example="Envoyer courriel (Tarifs)",
    ),
    Phrase(
        id="email.sent_lately",
        kind=Kind.STATE,
        pattern="Courriel envoyé dans les derniers {days:nombre} jours",
        means=sent_lately,
        help="Un courriel, quel qu’il soit, a été envoyé au lead depuis moins de ce nombre de "
        "jours de 24 heures.",
        example="Courriel envoyé dans les derniers (7) jours",
    ),
    Phrase(
        id="email.sent_since",
        kind=Kind.STATE,
        pattern="Courriel {message:courriel} envoyé depuis {since:depuis}",
        means=sent_since,
        help="Ce courriel a été envoyé au lead depuis cette date, ou depuis moins que cette durée.",
        example="Courriel (Tarifs) envoyé depuis (30 jours)",
    ),
    Phrase(
        id="email.sent",
        kind=Kind.EVENT,
        pattern="Courriel {message:courriel} envoyé",
        means=sent,
        help="Ce courriel a été remis au serveur d’envoi pour le lead.",
        example="Courriel (Tarifs) envoyé",
    ),
    Phrase(
        id="email.delivered",
        kind=Kind.EVENT,
        pattern="Courriel {message:courriel} livré",
        means=delivered,
        help="Ce courriel est arrivé. Sans rapports de livraison, ce que le serveur d’envoi "
        "accepte compte comme livré.",
        example="Courriel (Tarifs) livré",
    ),
    Phrase(
        id="email.opened",
        kind=Kind.EVENT,
        pattern="Courriel {message:courriel} lu (ouvert)",
        aliases=("Courriel {message:courriel} lu", "Courriel {message:courriel} ouvert"),
        means=opened,
        help="Une personne a ouvert ce courriel. Il faut avoir activé « suivi_ouvertures » ; les "
        "ouvertures des machines ne comptent pas, mais cet indice reste faible.",
        example="Courriel (Tarifs) lu (ouvert)",
        weak=True,
    ),
    Phrase(
        id="email.bounced",
        kind=Kind.EVENT,
        pattern="Courriel {message:courriel} rebondi",
        means=bounced,
        help="Ce courriel a été refusé pour de bon par le serveur du destinataire, ou n’a pas pu "
        "être remis après le dernier essai.",
        example="Courriel (Tarifs) rebondi",
    ),
    Phrase(
        id="email.unsubscribed",
        kind=Kind.EVENT,
        pattern="Désabonné du courriel {message:courriel}",
        means=unsubscribed,
        help="Le lead s’est désabonné en passant par ce courriel.",
        example="Désabonné du courriel (Tarifs)",
    ),
    Phrase(
        id="email.any_link",
        kind=Kind.EVENT,
        pattern="Lien cliqué dans courriel {message:courriel}",
        aliases=("Lien cliqué dans le courriel {message:courriel}",),
        means=any_link,
        help="Le lead a cliqué un lien de ce courriel, quel qu’il soit.",
        example="Lien cliqué dans courriel (Tarifs)",
    ),
    Phrase(
        id="email.link",
        kind=Kind.EVENT,
        pattern="Lien {link:lien} cliqué dans courriel {message:courriel}",
        aliases=("Lien {link:lien} cliqué dans le courriel {message:courriel}",),
        means=link,
        help="Le lead a cliqué dans ce courriel le lien qui porte ce nom, ou qui mène à cette "
        "adresse (* vaut n’importe quoi).",
        example="Lien (Essai gratuit) cliqué dans courriel (Tarifs)",
    ),
)
