"""Phrases on notifications: one activity, what becomes of it, and who takes them."""

from plugins.push.happenings import CHANNEL, CLICKED, SENT, SUBSCRIBED, UNSUBSCRIBED
from relance.effects import Effect, Send
from relance.events import EventPattern
from relance.phrase import Engagement, Kind, Phrase


def send(message: str) -> tuple[Effect, ...]:
    """Send that notification."""
    return (Send(CHANNEL, message),)


def sent(message: str) -> EventPattern:
    """That notification left."""
    return EventPattern(SENT, message)


def clicked(message: str) -> EventPattern:
    """That notification was clicked."""
    return EventPattern(CLICKED, message)


def subscribed() -> EventPattern:
    """A browser of the lead takes notifications."""
    return EventPattern(SUBSCRIBED)


def unsubscribed() -> EventPattern:
    """No browser of the lead takes them any more."""
    return EventPattern(UNSUBSCRIBED)


PHRASES = (
    Phrase(
        id="push.send",
        kind=Kind.ACTIVITY,
        pattern="Envoyer notification {message:notification}",
        aliases=(
            "Envoyer la notification {message:notification}",
            "Envoyer une notification {message:notification}",
        ),
        english="Send notification {message:notification}",
        means=send,
        help="Envoie cette notification à tous les navigateurs où le lead les a acceptées ; s’il n’y "
        "en a aucun, le journal le dit et le lead continue.",
        example="Envoyer notification (Panier)",
    ),
    Phrase(
        id="push.sent",
        kind=Kind.EVENT,
        pattern="Notification {message:notification} envoyée",
        english="Notification {message:notification} sent",
        means=sent,
        help="Le service de notification d’un navigateur du lead au moins a accepté cette "
        "notification. Rien ne dit qu’elle a été vue.",
        example="Notification (Panier) envoyée",
    ),
    Phrase(
        id="push.clicked",
        kind=Kind.EVENT,
        pattern="Notification {message:notification} cliquée",
        english="Notification {message:notification} clicked",
        means=clicked,
        engagement=Engagement.CLICKED,
        help="Le lead a cliqué cette notification.",
        example="Notification (Panier) cliquée",
    ),
    Phrase(
        id="push.subscribed",
        kind=Kind.EVENT,
        pattern="Abonné aux notifications",
        english="Subscribed to notifications",
        means=subscribed,
        help="Le lead a accepté les notifications dans un navigateur.",
        example="Abonné aux notifications",
    ),
    Phrase(
        id="push.unsubscribed",
        kind=Kind.EVENT,
        pattern="Désabonné des notifications",
        english="Unsubscribed from notifications",
        means=unsubscribed,
        help="Plus aucun navigateur du lead n’accepte les notifications : il les a refusées, ou le "
        "service de notification dit que son navigateur n’existe plus.",
        example="Désabonné des notifications",
    ),
)
