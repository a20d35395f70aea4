"""What may become of a message once it has left, as reports count it: each once a message."""

from enum import StrEnum


class MessageMark(StrEnum):
    """What an event tells of the message whose key its property « message » holds."""

    DELIVERED = "delivered"
    READ = "read"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
