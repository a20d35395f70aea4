"""Consent, as scripts hear of it: given, on which basis, and taken back."""

from collections.abc import Sequence

from plugins.consent.phrases import EVENT_TYPES, PHRASES
from relance.event_type import EventType
from relance.hookspecs import hookimpl
from relance.phrase import Phrase

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Hearing of a consent."""
    return PHRASES


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """What the ledger of consents is made of."""
    return EVENT_TYPES
