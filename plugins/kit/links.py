"""Links that machines follow, which a site and an e-mail both tell, in the very same words."""

from plugins.kit.machines import why_not_counted
from relance.event_type import EventType

LINK_PREFETCHED = "link_prefetched"

LINK_TYPES = (
    # Kept beside those of people, under a name that no rule counts.
    EventType(
        LINK_PREFETCHED,
        "lien suivi par une machine",
        "Une machine a suivi un lien.",
        sentence="Lien[ ({subject})] suivi par une machine[ dans courriel ({context})]",
        icon="↗",
        reason=why_not_counted,
    ),
)
