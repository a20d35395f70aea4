"""What campaigns ask of this plugin, told as an event."""

from relance.event_type import EventType

#: A campaign asked that a receiver be called; subject: its name.
CALL_REQUESTED = "call_requested"

EVENT_TYPES = (
    EventType(
        CALL_REQUESTED,
        "appel demandé",
        "Une campagne a demandé qu’un autre programme soit appelé.",
        sentence="Appel[ à ({subject})] demandé",
        icon="⇢",
        echo=True,
    ),
)
