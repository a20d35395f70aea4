"""E-mail over SMTP: message templates, tracked links, unsubscribing, and the phrases about them."""

from collections.abc import Callable, Mapping, Sequence

from plugins.email.alerts import AlertChannel
from plugins.email.channel import EmailChannel
from plugins.email.concerns import concerns
from plugins.email.deliverability import PAGE, REPORT
from plugins.email.dkim import read_key
from plugins.email.form import SCHEMA
from plugins.email.happenings import CHANNEL_TYPES, EVENT_TYPES
from plugins.email.messages import ALERTS, MESSAGES, links
from plugins.email.phrases import PHRASES
from plugins.email.returns import Returns
from plugins.email.settings import EmailSettings, read_settings
from plugins.email.tracking import MailTracking
from plugins.email.unsubscribe import Unsubscribing
from relance.channel import Channel
from relance.channel_type import ChannelType
from relance.concern import Concern
from relance.event_type import EventType
from relance.hookspecs import hookimpl
from relance.host import Holder, Host, Setup
from relance.interface import HouseReport, InterfacePage
from relance.message_files import MessageFiles
from relance.phrase import Phrase
from relance.project_files import ProjectFiles
from relance.route import Route
from relance.setting import SettingsSchema
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Sending, and what becomes of a message."""
    return PHRASES


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """What becomes of a message; only what is proved to us is told, so nothing is public."""
    return EVENT_TYPES


@hookimpl
def relance_channel_types() -> Sequence[ChannelType]:
    """What e-mails and alerts are called."""
    return CHANNEL_TYPES


@hookimpl
def relance_messages() -> Sequence[MessageFiles]:
    """Messages are files of the project."""
    return (MESSAGES, ALERTS)


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """Links are found in messages, and on sites."""
    return (SlotType("lien", "Le nom d’un lien (son titre ou son texte), ou son adresse."),)


@hookimpl
def relance_references(files: ProjectFiles) -> Mapping[str, Sequence[str]]:
    """The names of the links of messages."""
    return links(files)


@hookimpl
def relance_channels(host: Host) -> Sequence[Channel]:
    """The channels « email », to leads, and « alert », to the team about them."""
    tracking = MailTracking.of(host)
    settings = read_settings(host.settings("email"))
    return (
        EmailChannel(host, settings, tracking, Unsubscribing(host, tracking)),
        AlertChannel(host, settings),
    )


@hookimpl
def relance_settings() -> Sequence[SettingsSchema]:
    """`[email]`, as a form."""
    return (SCHEMA,)


@hookimpl
def relance_pages() -> Sequence[InterfacePage]:
    """Deliverability by domain."""
    return (PAGE,)


@hookimpl
def relance_reports() -> Sequence[HouseReport]:
    """The same, beside the period before, and as files."""
    return (REPORT,)


@hookimpl
def relance_sections() -> Mapping[str, Callable[[Setup], object]]:
    """`[email]`."""
    return {"email": lambda setup: _looked_at(read_settings(setup.settings("email")))}


def _looked_at(settings: EmailSettings) -> EmailSettings:
    if settings.dkim_key:
        read_key(settings.dkim_key)
    return settings


@hookimpl
def relance_holders(host: Host) -> Mapping[str, Holder]:
    """Who tells visits of links from those of machines, once more is known."""
    return MailTracking.of(host).holders()


@hookimpl
def relance_routes(host: Host) -> Sequence[Route]:
    """Tracked links, the open pixel, unsubscribing, what mail servers report."""
    tracking = MailTracking.of(host)
    settings = read_settings(host.settings("email"))
    return [
        *tracking.routes(),
        *Unsubscribing(host, tracking).routes(),
        *Returns(host, settings).routes(),
    ]


@hookimpl
def relance_concerns(host: Setup) -> Sequence[Concern]:
    """What keeps every message, or some, from leaving."""
    return concerns(host.files, read_settings(host.settings("email")))
