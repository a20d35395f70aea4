"""Calls to other programs: any event, to any address, signed (outgoing webhooks)."""

from collections.abc import Callable, Mapping, Sequence

from plugins.calls.endpoint import Calls
from plugins.calls.happenings import EVENT_TYPES
from plugins.calls.phrases import PHRASES, SLOT_TYPES
from plugins.calls.settings import SECTION, read_settings
from relance.errors import ConfigurationError
from relance.event_type import EventType
from relance.hookspecs import hookimpl
from relance.host import Host, Setup
from relance.phrase import Phrase
from relance.sink import Sink
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """One activity: to hand the lead over to a receiver of the settings."""
    return PHRASES


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """Whom: a section of the settings."""
    return SLOT_TYPES


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """What a campaign asks."""
    return EVENT_TYPES


@hookimpl
def relance_sections() -> Mapping[str, Callable[[Setup], object]]:
    """`[appels]`."""
    return {SECTION: lambda setup: read_settings(setup.settings(SECTION))}


@hookimpl
def relance_references(setup: Setup) -> Mapping[str, Sequence[str]]:
    """The receivers that the settings name; settings that are wrong are told where they are read."""
    try:
        known = read_settings(setup.settings(SECTION))
    except ConfigurationError:
        known = ()
    return {"appel": [one.name for one in known]}


@hookimpl
def relance_sinks(host: Host) -> Sequence[Sink]:
    """A sink a receiver."""
    return [Calls(host, one) for one in read_settings(host.settings(SECTION))]
