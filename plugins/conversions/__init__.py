"""Conversions: what the business counts as a success, declared once and usable as an event."""

from collections.abc import Sequence

from plugins.conversions.phrases import CONVERSION, PHRASES
from relance.hookspecs import hookimpl
from relance.phrase import Phrase
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Hearing of a conversion."""
    return PHRASES


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """Conversions: those the scripts declare."""
    return (CONVERSION,)
