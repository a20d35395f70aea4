"""The CRM of the people who sell: leads are brought there, and their word comes back.

One CRM is spoken to so far; another is a module with a class that does what `contact.Crm` says.
"""

from collections.abc import Callable, Mapping, Sequence

from plugins.crm.api import Api
from plugins.crm.channel import CrmChannel
from plugins.crm.happenings import CHANNEL_TYPES, EVENT_TYPES
from plugins.crm.hubspot import HubSpot
from plugins.crm.inbound import Inbound
from plugins.crm.lead_panel import panel
from plugins.crm.phrases import PHRASES
from plugins.crm.settings import read_settings
from relance.channel import Channel
from relance.channel_type import ChannelType
from relance.event_type import EventType
from relance.hookspecs import hookimpl
from relance.host import Host, Setup
from relance.interface import LeadPanel
from relance.phrase import Phrase
from relance.route import Route

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Synchronising, and that it was done."""
    return PHRASES


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """What passes between Relance and the CRM."""
    return EVENT_TYPES


@hookimpl
def relance_channel_types() -> Sequence[ChannelType]:
    """What is called a synchronisation."""
    return CHANNEL_TYPES


@hookimpl
def relance_channels(host: Host) -> Sequence[Channel]:
    """The channel « crm »; without a section [crm], it refuses and says why."""
    settings = read_settings(host.settings("crm"))
    if settings is None:
        return (CrmChannel(None, None),)
    api = Api(host, settings.address, settings.token, settings.timeout)
    return (CrmChannel(HubSpot(api, settings.key_property), settings),)


@hookimpl
def relance_sections() -> Mapping[str, Callable[[Setup], object]]:
    """`[crm]`."""
    return {"crm": lambda setup: read_settings(setup.settings("crm"))}


@hookimpl
def relance_panels(host: Host) -> Sequence[LeadPanel]:
    """Which contact of the CRM a lead is."""
    return (panel(read_settings(host.settings("crm"))),)


@hookimpl
def relance_routes(host: Host) -> Sequence[Route]:
    """Changes made in the CRM."""
    return Inbound(host, read_settings(host.settings("crm"))).routes()
