"""What can happen to an e-mail, and what each event is called."""

from collections.abc import Mapping

from plugins.email.bounces import HARD, SOFT
from relance.channel_type import ChannelType
from relance.event_type import EventType
from relance.message_mark import MessageMark
from relance.tracking.happenings import LINK_TYPES, why_not_counted

_KINDS = {HARD: "définitif", SOFT: "passager"}


def _why_returned(said: Mapping[str, object]) -> str:
    """For good or for a while, and what the other side answered."""
    kind = _KINDS.get(str(said.get("genre")), "")
    return " : ".join(part for part in (kind, str(said.get("raison") or "")) if part)


EVENT_TYPES = (
    EventType(
        "email_sent",
        "courriel envoyé",
        "Un courriel a été remis au serveur d’envoi.",
        reported_by="email",
        sentence="Courriel[ ({subject})] envoyé",
        icon="✉",
        echo=True,
    ),
    EventType(
        "email_delivered",
        "courriel livré",
        "Un courriel est arrivé.",
        reported_by="email",
        sentence="Courriel[ ({subject})] livré",
        icon="✉",
        mark=MessageMark.DELIVERED,
    ),
    EventType(
        "email_opened",
        "courriel lu",
        "Une personne a ouvert un courriel.",
        sentence="Courriel[ ({subject})] lu",
        icon="✉",
        mark=MessageMark.READ,
    ),
    EventType(
        "email_bounced",
        "courriel rebondi",
        "Un courriel est revenu.",
        sentence="Courriel[ ({subject})] rebondi",
        icon="✉",
        mark=MessageMark.BOUNCED,
        reason=_why_returned,
    ),
    EventType(
        "email_unsubscribed",
        "désabonnement",
        "Le lead s’est désabonné par un courriel.",
        sentence="Désabonné du courriel[ ({subject})]",
        icon="✉",
        mark=MessageMark.UNSUBSCRIBED,
    ),
    EventType(
        "email_complained",
        "plainte",
        "Le lead a signalé un courriel comme indésirable.",
        sentence="Courriel[ ({subject})] signalé comme indésirable",
        icon="✉",
        mark=MessageMark.COMPLAINED,
        reason=_why_returned,
    ),
    # Visits of machines: kept beside those of people, under names that no rule counts.
    EventType(
        "email_prefetched",
        "ouverture par une machine",
        "Une machine a ouvert un courriel.",
        sentence="Courriel[ ({subject})] ouvert par une machine",
        icon="✉",
        reason=why_not_counted,
    ),
    *LINK_TYPES,
)

CHANNEL_TYPES = (
    ChannelType("email", "courriel", address_field="courriel", left="email_unsubscribed"),
    ChannelType("alert", "alerte", "Alerte {message}[ à {recipient}]", feminine=True, icon="!"),
)
