"""What is known about a lead: its fields and its dates, read and written by rules."""

from collections.abc import Sequence

from plugins.leads import activities, dates, fields, orders
from relance.hookspecs import hookimpl
from relance.phrase import Phrase
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Decisions on fields and dates, and what writes them."""
    return (*fields.PHRASES, *dates.PHRASES, *activities.PHRASES)


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """How one date stands to another."""
    return (orders.ORDER,)
