"""What becomes of a notification and who takes them, and what each event is called."""

from relance.channel_type import ChannelType
from relance.event_type import EventType
from relance.message_mark import MessageMark

CHANNEL = "push"
SENT = "push_sent"
CLICKED = "push_clicked"
SUBSCRIBED = "push_subscribed"
UNSUBSCRIBED = "push_unsubscribed"

EVENT_TYPES = (
    EventType(
        SENT,
        "notification envoyée",
        "Un navigateur au moins la recevra.",
        reported_by=CHANNEL,
        sentence="Notification[ ({subject})] envoyée",
        icon="◉",
        echo=True,
    ),
    EventType(
        CLICKED,
        "notification cliquée",
        "La personne a cliqué la notification.",
        sentence="Notification[ ({subject})] cliquée",
        icon="◉",
        mark=MessageMark.CLICKED,
    ),
    EventType(
        SUBSCRIBED,
        "abonnement aux notifications",
        "Un navigateur les accepte.",
        sentence="Abonné aux notifications",
        icon="◉",
    ),
    EventType(
        UNSUBSCRIBED,
        "désabonnement des notifications",
        "Le dernier n’en veut plus.",
        sentence="Désabonné des notifications",
        icon="◉",
    ),
)

CHANNEL_TYPES = (
    ChannelType(
        CHANNEL,
        "notification",
        "Notification {message}",
        feminine=True,
        icon="◉",
        left=UNSUBSCRIBED,
    ),
)
