"""What becomes of an SMS and what people answer, and what each event is called."""

from relance.channel_type import ChannelType
from relance.event_type import EventType
from relance.message_mark import MessageMark

CHANNEL = "sms"
SENT = "sms_sent"
DELIVERED = "sms_delivered"
UNDELIVERED = "sms_undelivered"
REPLIED = "sms_replied"
UNSUBSCRIBED = "sms_unsubscribed"
SUBSCRIBED = "sms_subscribed"

EVENT_TYPES = (
    EventType(
        SENT,
        "SMS envoyé",
        "Le fournisseur a accepté le message.",
        reported_by=CHANNEL,
        sentence="SMS[ ({subject})] envoyé",
        icon="✆",
        echo=True,
    ),
    EventType(
        DELIVERED,
        "SMS livré",
        "Le téléphone a reçu le message.",
        reported_by=CHANNEL,
        sentence="SMS[ ({subject})] livré",
        icon="✆",
        mark=MessageMark.DELIVERED,
    ),
    EventType(
        UNDELIVERED,
        "SMS non livré",
        "Le message n’a pas pu être remis au téléphone.",
        sentence="SMS[ ({subject})] non livré",
        icon="✆",
        mark=MessageMark.BOUNCED,
    ),
    EventType(
        REPLIED,
        "réponse par SMS",
        "La personne a répondu ; le sujet est son texte.",
        sentence="Réponse reçue par SMS[ ({subject})]",
        icon="✆",
    ),
    EventType(
        SUBSCRIBED,
        "retour aux SMS",
        "La personne a répondu START.",
        sentence="Réabonné aux SMS",
        icon="✆",
    ),
    EventType(
        UNSUBSCRIBED,
        "désabonnement des SMS",
        "La personne a répondu STOP ou ARRET.",
        sentence="Désabonné des SMS",
        icon="✆",
    ),
)

CHANNEL_TYPES = (
    ChannelType(
        CHANNEL,
        "SMS",
        "SMS {message}",
        icon="✆",
        address_field="cellulaire",
        left=UNSUBSCRIBED,
        back=SUBSCRIBED,
        plural="SMS",
    ),
)
