"""Phrases on e-mails: one activity, and what becomes of a message."""

from datetime import date
from decimal import Decimal

from relance.effects import Effect, Send
from relance.events import LINK_CLICKED, EventPattern
from relance.facts import Condition, Events, Happened, SinceAgo, SinceDate, longer_than
from relance.phrase import Engagement, Kind, Phrase
from relance.values import Duration

SENT = "email_sent"


def send(message: str) -> tuple[Effect, ...]:
    """Have the mail of that name leave for the lead’s address."""
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


def complained(message: str) -> EventPattern:
    """The lead reported that message as spam."""
    return EventPattern("email_complained", message)


def unsubscribed(message: str) -> EventPattern:
    """The lead left through that message."""
    return EventPattern("email_unsubscribed", message)


def any_link(message: str) -> EventPattern:
    """Any tracked link of that message."""
    return EventPattern(LINK_CLICKED, None, message)


def since_sent(delay: Duration, message: str) -> Condition:
    """Since that message was last sent."""
    return longer_than(delay, Events(EventPattern(SENT, message)))


def since_click(delay: Duration, message: str) -> Condition:
    """Since a link of that message was last clicked."""
    return longer_than(delay, Events(any_link(message)))


def link(link: str, message: str) -> EventPattern:
    """A person followed `link` in the mail `message`; either may be « * »."""
    return EventPattern(LINK_CLICKED, link, message)


PHRASES = (
    Phrase(
        id="email.send",
        kind=Kind.ACTIVITY,
        pattern="Envoyer courriel {message:courriel}",
        aliases=(
            "Envoyer le courriel {message:courriel}",
            "Envoyer (email|e-mail|mail) {message:courriel}",
        ),
        means=send,
        help="Envoie ce courriel au lead, sauf s’il s’est désabonné ou n’a pas d’adresse.",
        example="Envoyer courriel (Tarifs)",
        english="Send email {message:courriel}",
    ),
    Phrase(
        id="email.sent_lately",
        kind=Kind.STATE,
        pattern="Courriel envoyé dans les derniers {days:nombre} jours",
        means=sent_lately,
        help="Un courriel, quel qu’il soit, a été envoyé au lead dans les derniers jours, comptés "
        "de 24 heures ; à l’instant où ils s’achèvent, c’est encore oui.",
        example="Courriel envoyé dans les derniers (7) jours",
        english="Email sent in the last {days:nombre} days",
    ),
    Phrase(
        id="email.sent_since",
        kind=Kind.STATE,
        pattern="Courriel {message:courriel} envoyé depuis {since:depuis}",
        means=sent_since,
        help="Ce courriel a été envoyé au lead à cette date ou après (la journée compte dès "
        "minuit), ou dans cette durée avant maintenant, où un jour compte pour 24 heures.",
        example="Courriel (Tarifs) envoyé depuis (30 jours)",
        english="Email {message:courriel} sent since {since:depuis}",
    ),
    Phrase(
        id="email.sent",
        kind=Kind.EVENT,
        pattern="Courriel {message:courriel} envoyé",
        means=sent,
        help="Ce courriel a été remis au serveur d’envoi pour le lead.",
        example="Courriel (Tarifs) envoyé",
        english="Email {message:courriel} sent",
    ),
    Phrase(
        id="email.delivered",
        kind=Kind.EVENT,
        pattern="Courriel {message:courriel} livré",
        means=delivered,
        help="Ce courriel est arrivé : le serveur du destinataire ou le fournisseur l’a rapporté. "
        "Sans rapports de livraison (réglage « rapports » de [email]), ce que le serveur d’envoi "
        "accepte compte comme livré.",
        example="Courriel (Tarifs) livré",
        english="Email {message:courriel} delivered",
    ),
    Phrase(
        id="email.opened",
        kind=Kind.EVENT,
        pattern="Courriel {message:courriel} lu (ouvert)",
        aliases=(
            "Courriel {message:courriel} lu",
            "Courriel {message:courriel} ouvert",
            "(Mail|Email|E-mail) {message:courriel} (lu|ouvert)",
        ),
        means=opened,
        help="Une personne a ouvert ce courriel. Il faut avoir activé « suivi_ouvertures ». Les "
        "ouvertures des machines sont notées à part et ne comptent pas, mais cet indice reste "
        "faible.",
        example="Courriel (Tarifs) lu (ouvert)",
        english="Email {message:courriel} opened",
        engagement=Engagement.READ,
        weak=True,
    ),
    Phrase(
        id="email.bounced",
        kind=Kind.EVENT,
        pattern="Courriel {message:courriel} rebondi",
        means=bounced,
        help="Ce courriel est revenu : refusé pour de bon par le serveur du destinataire, ou "
        "encore refusé au dernier essai. Un simple retard n’est pas un rebond.",
        example="Courriel (Tarifs) rebondi",
        english="Email {message:courriel} bounced",
    ),
    Phrase(
        id="email.unsubscribed",
        kind=Kind.EVENT,
        pattern="Désabonné du courriel {message:courriel}",
        means=unsubscribed,
        help="Le lead s’est désabonné en passant par ce courriel.",
        example="Désabonné du courriel (Tarifs)",
        english="Unsubscribed from email {message:courriel}",
    ),
    Phrase(
        id="email.complained",
        kind=Kind.EVENT,
        pattern="Plainte pour courriel {message:courriel}",
        aliases=(
            "Plainte pour le courriel {message:courriel}",
            "Courriel {message:courriel} signalé comme indésirable",
        ),
        means=complained,
        help="Le lead a signalé ce courriel comme indésirable à sa messagerie, qui nous l’a dit "
        "(réglage « secret » de [email]). Nous n’écrivons plus à son adresse.",
        example="Plainte pour courriel (Tarifs)",
        english="Complaint about email {message:courriel}",
    ),
    Phrase(
        id="email.any_link",
        kind=Kind.EVENT,
        pattern="Lien cliqué dans courriel {message:courriel}",
        aliases=(
            "Lien cliqué dans le courriel {message:courriel}",
            "Lien cliqué dans (mail|email|e-mail) {message:courriel}",
        ),
        engagement=Engagement.CLICKED,
        means=any_link,
        help="Le lead a cliqué un lien de ce courriel, quel qu’il soit. Les visites des machines "
        "ne comptent pas ; un clic attend un instant d’en être distingué.",
        example="Lien cliqué dans courriel (Tarifs)",
        english="Link clicked in email {message:courriel}",
    ),
    Phrase(
        id="email.link",
        kind=Kind.EVENT,
        pattern="Lien {link:lien} cliqué dans courriel {message:courriel}",
        aliases=(
            "Lien {link:lien} cliqué dans le courriel {message:courriel}",
            "Lien {link:lien} cliqué dans (mail|email|e-mail) {message:courriel}",
        ),
        means=link,
        help="Le lead a cliqué dans ce courriel le lien qui porte ce nom, ou qui mène à cette "
        "adresse (* vaut n’importe quoi). Les visites des machines ne comptent pas.",
        example="Lien (Essai gratuit) cliqué dans courriel (Tarifs)",
        english="Link {link:lien} clicked in email {message:courriel}",
    ),
    Phrase(
        id="email.since_sent",
        kind=Kind.STATE,
        pattern="Plus de {delay:durée} se sont écoulées depuis envoi du courriel "
        "{message:courriel}",
        aliases=(
            "Plus de {delay:durée} se sont écoulées depuis l’envoi du courriel {message:courriel}",
        ),
        means=since_sent,
        help="Vrai si plus de temps que cela s’est écoulé depuis le dernier envoi de ce courriel "
        "au lead. S’il ne l’a jamais reçu, la réponse est non.",
        example="Plus de (3 jours) se sont écoulés depuis envoi du courriel (Tarifs)",
        english="More than {delay:durée} have passed since email {message:courriel} was sent",
    ),
    Phrase(
        id="email.since_click",
        kind=Kind.STATE,
        pattern="Plus de {delay:durée} se sont écoulées depuis clic dans courriel "
        "{message:courriel}",
        aliases=(
            "Plus de {delay:durée} se sont écoulées depuis le clic dans le courriel "
            "{message:courriel}",
        ),
        means=since_click,
        help="Vrai si plus de temps que cela s’est écoulé depuis que le lead a cliqué un lien de "
        "ce courriel pour la dernière fois. S’il n’a jamais cliqué, la réponse est non.",
        example="Plus de (3 jours) se sont écoulés depuis clic dans courriel (Tarifs)",
        english="More than {delay:durée} have passed since a click in email {message:courriel}",
    ),
)
