"""One campaign speaking of another: who was in it, who goes there, who leaves."""

from collections.abc import Sequence

from plugins.campaigns.phrases import PHRASES
from relance.hookspecs import hookimpl
from relance.phrase import Phrase
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Having been in a campaign, entering it, leaving it."""
    return PHRASES


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """A campaign must exist in the project."""
    return (SlotType("campagne", "Le nom d’une campagne du projet.", closed=True),)
