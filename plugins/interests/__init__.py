"""Interests: how warm a lead is about one topic, beside the score that says it for all."""

from collections.abc import Sequence

from plugins.interests.phrases import PHRASES, TOPIC
from relance.hookspecs import hookimpl
from relance.phrase import Phrase
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Asking about an interest, and changing it."""
    return PHRASES


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """Topics: scripts name them by using them."""
    return (TOPIC,)
