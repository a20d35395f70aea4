"""What is known about a lead: its fields and its dates, read and written by rules."""

from collections.abc import Callable, Mapping, Sequence

from plugins.leads import activities, corrections, dates, fields, orders
from relance.hookspecs import hookimpl
from relance.phrase import Phrase
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Decisions on fields and dates, and what writes them."""
    return (*fields.PHRASES, *dates.PHRASES, *activities.PHRASES, *corrections.PHRASES)


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """How one date stands to another."""
    return (orders.ORDER,)


@hookimpl
def relance_rewriters() -> Mapping[str, Callable[[str], str]]:
    """How names are corrected."""
    return corrections.REWRITERS
