"""What is told of links that are followed, by a person or a machine, in the same words by whoever tells it."""

from collections.abc import Mapping

from relance.event_type import EventType
from relance.french import NBSP

LINK_PREFETCHED = "link_prefetched"


def why_not_counted(said: Mapping[str, object]) -> str:
    """What gave a machine away, and how surely it was one; nothing of a visit that a person made."""
    if not said.get("machine"):
        return ""
    listed = said.get("signes")
    signs = ", ".join(map(str, listed)) if isinstance(listed, list | tuple) else ""
    surely = said.get("probabilite")
    sure = f", une machine à {surely}{NBSP}%" if surely is not None else ""
    return f"ne compte pas : {signs or 'lien caché suivi'}{sure}"


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
