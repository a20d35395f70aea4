"""Waits for a time: a delay, a date, a weekday, an hour."""

from collections.abc import Sequence

from plugins.waits.phrases import PHRASES
from plugins.waits.windows import BOUND
from relance.hookspecs import hookimpl
from relance.phrase import Phrase
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Every wait that depends on time alone."""
    return PHRASES


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """A weekday or a time, for the window phrase."""
    return (BOUND,)
