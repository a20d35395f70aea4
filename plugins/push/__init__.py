"""Notifications of browsers (Web Push): who takes them, sending them sealed, and what is clicked."""

from collections.abc import Callable, Mapping, Sequence

from plugins.push.happenings import CHANNEL_TYPES, EVENT_TYPES
from plugins.push.messages import MESSAGES
from plugins.push.phrases import PHRASES
from plugins.push.settings import read_settings
from relance.channel import Channel
from relance.channel_type import ChannelType
from relance.event_type import EventType
from relance.hookspecs import hookimpl
from relance.host import Host, Setup
from relance.message_files import MessageFiles
from relance.phrase import Phrase
from relance.route import Route

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Sending, and what comes back."""
    return PHRASES


@hookimpl
def relance_messages() -> Sequence[MessageFiles]:
    """Notifications are files of the project."""
    return (MESSAGES,)


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """What becomes of a notification, and who takes them."""
    return EVENT_TYPES


@hookimpl
def relance_channel_types() -> Sequence[ChannelType]:
    """What notifications are called."""
    return CHANNEL_TYPES


@hookimpl
def relance_sections() -> Mapping[str, Callable[[Setup], object]]:
    """`[push]`."""
    return {"push": lambda setup: read_settings(setup)}


@hookimpl
def relance_channels(host: Host) -> Sequence[Channel]:
    """The channel « push »."""
    # Only a server signs and calls: to check scripts, neither cryptography nor HTTP need load.
    from plugins.push.channel import PushChannel
    from plugins.push.clicks import Clicks
    from plugins.push.vapid import Vapid

    settings = read_settings(host)
    return (PushChannel(host, settings, Vapid(host, settings), Clicks(host)),)


@hookimpl
def relance_routes(host: Host) -> Sequence[Route]:
    """What a site needs to offer notifications, and where browsers tell what is done with them."""
    from plugins.push.clicks import Clicks
    from plugins.push.scripts import Scripts
    from plugins.push.subscriptions import Subscriptions
    from plugins.push.vapid import Vapid

    settings = read_settings(host)
    return [
        *Scripts(host, Vapid(host, settings)).routes(),
        *Subscriptions(host, settings).routes(),
        *Clicks(host).routes(),
    ]
