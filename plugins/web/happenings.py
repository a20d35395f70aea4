"""What a site tells beside forms and pages, and what it is called."""

from relance.event_type import EventType
from relance.tracking.happenings import LINK_TYPES, why_not_counted

PAGE_PREFETCHED = "page_prefetched"

EVENT_TYPES = (
    *LINK_TYPES,
    # Kept beside those of people, under a name that no rule counts.
    EventType(
        PAGE_PREFETCHED,
        "page chargée par une machine",
        "Une machine a chargé une page du site.",
        sentence="Page web[ ({subject})] chargée par une machine",
        icon="▤",
        reason=why_not_counted,
    ),
)
