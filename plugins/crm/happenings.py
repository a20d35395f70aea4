"""What passes between Relance and the CRM, and what it is called."""

from relance.channel_type import ChannelType
from relance.event_type import EventType

CHANNEL = "crm"
SYNCED = "crm_synced"
CHANGED = "crm_changed"

EVENT_TYPES = (
    EventType(
        SYNCED,
        "synchronisé au CRM",
        "Le lead a été porté au CRM, et le CRM l’a pris.",
        reported_by=CHANNEL,
        sentence="Synchronisé au CRM",
        icon="⇄",
    ),
    EventType(
        CHANGED,
        "changé dans le CRM",
        "Le contact a été changé dans le CRM.",
        sentence="Changé dans le CRM",
        icon="⇄",
    ),
)

CHANNEL_TYPES = (
    ChannelType(CHANNEL, "CRM", "Synchronisation au CRM", feminine=True, sent="faite", icon="⇄"),
)
