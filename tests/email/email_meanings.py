"""What each phrase on e-mails means, the seeds' own wording included, for the test of every meaning."""

from datetime import date
from typing import Any

from relance.effects import Send
from relance.events import EventPattern
from relance.facts import (
    Compare,
    Events,
    Happened,
    Literal,
    MinutesSince,
    SinceAgo,
    SinceDate,
)
from relance.values import Comparator, Duration

_SENT = EventPattern("email_sent", "Tarifs")
_CLICKED = EventPattern("link_clicked", None, "Tarifs")


def _longer(minutes: int, pattern: EventPattern) -> Compare:
    return Compare(MinutesSince(Events(pattern)), Comparator.GREATER, Literal(minutes))


MEANINGS: dict[str, list[tuple[str, Any]]] = {
    "email.send": [
        ("Envoyer courriel (Tarifs)", (Send("email", "Tarifs"),)),
        ("Envoyer le courriel (Tarifs)", (Send("email", "Tarifs"),)),
    ],
    "email.sent_lately": [
        (
            "Courriel envoyé dans les derniers (7) jours",
            Happened(Events(EventPattern("email_sent"), SinceAgo(Duration(days=7)))),
        ),
    ],
    "email.sent_since": [
        (
            "Courriel (Tarifs) envoyé depuis (2026-12-01)",
            Happened(Events(_SENT, SinceDate(date(2026, 12, 1)))),
        ),
        (
            "Courriel (Tarifs) envoyé depuis (2 heures)",
            Happened(Events(_SENT, SinceAgo(Duration(seconds=7200)))),
        ),
    ],
    "email.sent": [("Courriel (Tarifs) envoyé", _SENT)],
    "email.delivered": [("Courriel (Tarifs) livré", EventPattern("email_delivered", "Tarifs"))],
    "email.opened": [
        ("Courriel (Tarifs) lu (ouvert)", EventPattern("email_opened", "Tarifs")),
        ("Courriel (Tarifs) lu", EventPattern("email_opened", "Tarifs")),
        ("Courriel (Tarifs) ouvert", EventPattern("email_opened", "Tarifs")),
    ],
    "email.bounced": [("Courriel (Tarifs) rebondi", EventPattern("email_bounced", "Tarifs"))],
    "email.unsubscribed": [
        ("Désabonné du courriel (Tarifs)", EventPattern("email_unsubscribed", "Tarifs"))
    ],
    "email.complained": [
        ("Plainte pour courriel (Tarifs)", EventPattern("email_complained", "Tarifs")),
        ("Courriel (Tarifs) signalé comme indésirable", EventPattern("email_complained", "Tarifs")),
    ],
    "email.any_link": [("Lien cliqué dans courriel (Tarifs)", _CLICKED)],
    "email.link": [
        (
            "Lien (Essai gratuit) cliqué dans courriel (Tarifs)",
            EventPattern("link_clicked", "Essai gratuit", "Tarifs"),
        ),
    ],
    "email.since_sent": [
        (
            "Plus de (90) minutes se sont écoulées depuis l’envoi du courriel (Tarifs)",
            _longer(90, _SENT),
        ),
    ],
    "email.since_click": [
        (
            "Plus de 2 jours se sont écoulés depuis le clic dans le courriel (Tarifs)",
            _longer(2 * 24 * 60, _CLICKED),
        ),
    ],
}
