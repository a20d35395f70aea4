"""E-mail over SMTP: message templates, tracked links, unsubscribing, and the phrases about them."""

from collections.abc import Callable, Mapping, Sequence

from plugins.email import alerts, messages
from plugins.email.alerts import ALERTS, AlertChannel
from plugins.email.channel import OWN, EmailChannel
from plugins.email.concerns import concerns
from plugins.email.happenings import CHANNEL_TYPES, EVENT_TYPES
from plugins.email.messages import MESSAGES
from plugins.email.phrases import PHRASES
from plugins.email.returns import Returns
from plugins.email.review import review_markup
from plugins.email.settings import read_settings
from plugins.email.tracking import tracking_of
from plugins.email.unsubscribe import Unsubscribing
from plugins.kit.texts.review import Vocabulary, review
from relance.channel import Channel
from relance.channel_type import ChannelType
from relance.concern import Concern
from relance.event_type import EventType
from relance.fault import Fault
from relance.hookspecs import hookimpl
from relance.host import Holder, Host, Setup
from relance.phrase import Phrase
from relance.project_files import ProjectFiles
from relance.route import Route
from relance.slot import InPlace, SlotType
from relance.variable import Variable

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
def relance_slot_types() -> Sequence[SlotType]:
    """Messages are files of the project; links are found in them, and on sites."""
    return (
        SlotType(
            "courriel",
            "Le nom d’un courriel du dossier « courriels », ou l’objet d’un courriel écrit sur place.",
            closed=True,
            in_place=InPlace(messages.FOLDER, ".md", messages.head),
        ),
        SlotType("lien", "Le nom d’un lien (son titre ou son texte), ou son adresse."),
    )


@hookimpl
def relance_references(files: ProjectFiles) -> Mapping[str, Sequence[str]]:
    """The names of the messages and of their links."""
    return {**messages.references(files), "alerte": ALERTS.of(files).names}


@hookimpl
def relance_check(files: ProjectFiles) -> Sequence[Fault]:
    """What is wrong in the message templates."""
    return [*MESSAGES.of(files).faults, *ALERTS.of(files).faults]


@hookimpl
def relance_review(
    files: ProjectFiles, fields: Sequence[str], variables: Sequence[Variable]
) -> Sequence[Fault]:
    """Variables nobody knows, links that lead nowhere, markup that is lost."""
    in_alerts = dict.fromkeys(alerts.OWN, "dans les alertes")
    mails = Vocabulary(fields, variables, OWN, in_alerts)
    in_mails = dict.fromkeys(OWN, "dans les courriels")
    team = Vocabulary(fields, variables, alerts.OWN, in_mails, to_lead=False)
    return [
        *review(files, MESSAGES, mails),
        *review(files, ALERTS, team),
        *review_markup(files, MESSAGES),
        *review_markup(files, ALERTS),
    ]


@hookimpl
def relance_channels(host: Host) -> Sequence[Channel]:
    """The channels « email », to leads, and « alert », to the team about them."""
    tracking = tracking_of(host)
    settings = read_settings(host.settings("email"))
    return (
        EmailChannel(host, settings, tracking, Unsubscribing(host, tracking)),
        AlertChannel(host, settings),
    )


@hookimpl
def relance_sections() -> Mapping[str, Callable[[Setup], object]]:
    """`[email]`."""
    return {"email": lambda setup: read_settings(setup.settings("email"))}


@hookimpl
def relance_holders(host: Host) -> Mapping[str, Holder]:
    """Who tells visits of links from those of machines, once more is known."""
    return tracking_of(host).holders()


@hookimpl
def relance_routes(host: Host) -> Sequence[Route]:
    """Tracked links, the open pixel, unsubscribing, what mail servers report."""
    tracking = tracking_of(host)
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
