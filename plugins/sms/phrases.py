"""Phrases on SMS: one activity, what becomes of a message, and what people answer."""

from plugins.sms.happenings import (
    CHANNEL,
    DELIVERED,
    REPLIED,
    SENT,
    SUBSCRIBED,
    UNDELIVERED,
    UNSUBSCRIBED,
)
from relance.effects import Effect, Send
from relance.events import EventPattern
from relance.phrase import Kind, Phrase


def send(message: str) -> tuple[Effect, ...]:
    """Have the text of that name leave for the lead’s mobile number."""
    return (Send(CHANNEL, message),)


def sent(message: str) -> EventPattern:
    """The provider took that message."""
    return EventPattern(SENT, message)


def delivered(message: str) -> EventPattern:
    """That message reached the phone."""
    return EventPattern(DELIVERED, message)


def undelivered(message: str) -> EventPattern:
    """That message could not be handed to the phone."""
    return EventPattern(UNDELIVERED, message)


def any_reply() -> EventPattern:
    """Whatever was answered."""
    return EventPattern(REPLIED)


_OUTER = " \t\r\n.,;:!?…\"'’«»()\u00a0\u202f"


def heard(text: str) -> str:
    """A reply as it is compared: « Oui ! » is « Oui »."""
    return " ".join(text.split()).strip(_OUTER)


def reply(text: str) -> EventPattern:
    """That text was answered."""
    return EventPattern(REPLIED, heard(text) or text)


def unsubscribed() -> EventPattern:
    """The lead wants no SMS any more."""
    return EventPattern(UNSUBSCRIBED)


def subscribed() -> EventPattern:
    """The lead wants SMS again."""
    return EventPattern(SUBSCRIBED)


PHRASES = (
    Phrase(
        id="sms.send",
        kind=Kind.ACTIVITY,
        pattern="Envoyer SMS {message:SMS}",
        aliases=(
            "Envoyer le SMS {message:SMS}",
            "Envoyer texto {message:SMS}",
            "Envoyer le texto {message:SMS}",
        ),
        english="Send SMS {message:SMS}",
        means=send,
        help="Envoie ce SMS au cellulaire du lead, sauf si la personne a répondu STOP ou ARRET, ou "
        "si le champ « cellulaire » est vide. Un SMS dont l’envoi est incertain (connexion "
        "coupée) n’est jamais renvoyé de lui-même.",
        example="Envoyer SMS (Rappel)",
    ),
    Phrase(
        id="sms.sent",
        kind=Kind.EVENT,
        pattern="SMS {message:SMS} envoyé",
        aliases=("Texto {message:SMS} envoyé",),
        english="SMS {message:SMS} sent",
        means=sent,
        help="Le fournisseur a accepté ce SMS pour le lead.",
        example="SMS (Rappel) envoyé",
    ),
    Phrase(
        id="sms.delivered",
        kind=Kind.EVENT,
        pattern="SMS {message:SMS} livré",
        aliases=("Texto {message:SMS} livré",),
        english="SMS {message:SMS} delivered",
        means=delivered,
        help="L’opérateur rapporte que ce SMS est arrivé au téléphone. Un SMS accepté mais sans "
        "rapport n’est ni livré, ni non livré.",
        example="SMS (Rappel) livré",
    ),
    Phrase(
        id="sms.undelivered",
        kind=Kind.EVENT,
        pattern="SMS {message:SMS} non livré",
        aliases=("Texto {message:SMS} non livré",),
        english="SMS {message:SMS} undelivered",
        means=undelivered,
        help="Ce SMS a été refusé par le fournisseur (numéro invalide, ligne fixe…), ou l’opérateur "
        "rapporte qu’il n’est pas arrivé.",
        example="SMS (Rappel) non livré",
    ),
    Phrase(
        id="sms.any_reply",
        kind=Kind.EVENT,
        pattern="Réponse reçue par SMS",
        aliases=("Réponse reçue par texto",),
        english="Reply received by SMS",
        means=any_reply,
        help="La personne a répondu par SMS, quoi qu’elle ait écrit. STOP, ARRET, AIDE et leurs "
        "semblables n’en sont pas : Relance y répond d’elle-même.",
        example="Réponse reçue par SMS",
    ),
    Phrase(
        id="sms.reply",
        kind=Kind.EVENT,
        pattern="Réponse reçue par SMS {text:texte}",
        aliases=("Réponse reçue par texto {text:texte}",),
        english="Reply received by SMS {text:texte}",
        means=reply,
        help="La personne a répondu ce texte par SMS, majuscules, accents et ponctuation des bouts "
        "mis à part ; * vaut n’importe quelle suite de caractères.",
        example="Réponse reçue par SMS (oui*)",
    ),
    Phrase(
        id="sms.unsubscribed",
        kind=Kind.EVENT,
        pattern="Désabonné des SMS",
        aliases=("Désabonné des textos",),
        english="Unsubscribed from SMS",
        means=unsubscribed,
        help="La personne a répondu STOP, ARRET ou un mot semblable : plus aucun SMS ne part vers "
        "ce numéro.",
        example="Désabonné des SMS",
    ),
    Phrase(
        id="sms.subscribed",
        kind=Kind.EVENT,
        pattern="Réabonné aux SMS",
        aliases=("Réabonné aux textos",),
        english="Subscribed again to SMS",
        means=subscribed,
        help="La personne, qui s’était désabonnée, a répondu START : les SMS repartent vers ce "
        "numéro.",
        example="Réabonné aux SMS",
    ),
)
