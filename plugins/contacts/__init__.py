"""Conversations on the site: those held, those missed, how they went (as iAdvize tells them)."""

from collections.abc import Callable, Mapping, Sequence

from plugins.contacts.happenings import TYPES
from plugins.contacts.indicators import indicators, window_of
from plugins.contacts.phrases import PHRASES
from plugins.contacts.reasons import REASON
from relance.event_type import EventType
from relance.hookspecs import hookimpl
from relance.host import Setup
from relance.indicator import Indicator
from relance.phrase import Phrase
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Contacts, and what can be asked of each."""
    return PHRASES


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """Why a contact was missed."""
    return (REASON,)


@hookimpl
def relance_sections() -> Mapping[str, Callable[[Setup], object]]:
    """The window in which a purchase is that of a contact."""
    return {"contacts": window_of}


@hookimpl
def relance_indicators(host: Setup) -> Sequence[Indicator]:
    """Of conversations, and of what was bought after them."""
    return indicators(host)


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """The conversation software tells them all."""
    return TYPES
