"""Lists and tags: how rules sort leads into groups."""

from collections.abc import Sequence

from plugins.lists import lists, tags
from relance.hookspecs import hookimpl
from relance.phrase import Phrase
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Membership asked about, changed, and its changes as events."""
    return (*lists.PHRASES, *tags.PHRASES)


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """Lists and tags are open: the first use makes them."""
    return (
        SlotType("liste", "Le nom d’une liste de leads."),
        SlotType("étiquette", "Le nom d’une étiquette."),
    )
