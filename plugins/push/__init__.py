"""Notifications of browsers (Web Push): who takes them, sending them sealed, and what is clicked."""

from collections.abc import Callable, Mapping, Sequence

from plugins.kit.texts.review import Vocabulary, review
from plugins.push.happenings import CHANNEL_TYPES, EVENT_TYPES
from plugins.push.messages import FOLDER, MESSAGES, head
from plugins.push.phrases import PHRASES
from plugins.push.settings import read_settings
from relance.channel import Channel
from relance.channel_type import ChannelType
from relance.event_type import EventType
from relance.fault import Fault
from relance.hookspecs import hookimpl
from relance.host import Host, Setup
from relance.phrase import Phrase
from relance.project_files import ProjectFiles
from relance.route import Route
from relance.slot import InPlace, SlotType
from relance.variable import Variable

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Sending, and what comes back."""
    return PHRASES


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """Messages are files of the project."""
    known = (
        "Le nom d’une notification du dossier «\u00a0notifications\u00a0», ou le titre d’une notification "
        "écrite sur place."
    )
    written = InPlace(FOLDER, ".txt", head)
    return (SlotType("notification", known, closed=True, in_place=written),)


@hookimpl
def relance_references(files: ProjectFiles) -> Mapping[str, Sequence[str]]:
    """The names of the messages."""
    return {"notification": MESSAGES.of(files).names}


@hookimpl
def relance_check(files: ProjectFiles) -> Sequence[Fault]:
    """What is wrong in the messages."""
    return MESSAGES.of(files).faults


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
def relance_review(
    files: ProjectFiles, fields: Sequence[str], variables: Sequence[Variable]
) -> Sequence[Fault]:
    """Variables nobody knows."""
    known = Vocabulary(fields, variables, to_lead=False)
    return list(review(files, MESSAGES, known))


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
