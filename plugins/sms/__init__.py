"""SMS through a provider that speaks Twilio's REST API: sending, receipts, replies, STOP and HELP."""

from collections.abc import Callable, Mapping, Sequence

from plugins.sms.form import SCHEMA
from plugins.sms.happenings import CHANNEL_TYPES, EVENT_TYPES
from plugins.sms.messages import MESSAGES
from plugins.sms.phrases import PHRASES
from plugins.sms.settings import read_settings
from relance.channel import Channel
from relance.channel_type import ChannelType
from relance.concern import Concern, Gravity
from relance.event_type import EventType
from relance.french import quoted
from relance.hookspecs import hookimpl
from relance.host import Host, Setup
from relance.message_files import MessageFiles
from relance.phrase import Phrase
from relance.route import Route
from relance.setting import SettingsSchema

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Sending, and what comes back."""
    return PHRASES


@hookimpl
def relance_messages() -> Sequence[MessageFiles]:
    """SMS are files of the project."""
    return (MESSAGES,)


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """What becomes of a message, and what people answer."""
    return EVENT_TYPES


@hookimpl
def relance_channel_types() -> Sequence[ChannelType]:
    """What SMS are called."""
    return CHANNEL_TYPES


@hookimpl
def relance_channels(host: Host) -> Sequence[Channel]:
    """The channel « sms »."""
    # Only a server sends: to check scripts, neither HTTP nor the world's numbers need load.
    from plugins.sms.channel import SmsChannel

    return (SmsChannel(host, read_settings(host)),)


@hookimpl
def relance_settings() -> Sequence[SettingsSchema]:
    """`[sms]`, as a form."""
    return (SCHEMA,)


@hookimpl
def relance_sections() -> Mapping[str, Callable[[Setup], object]]:
    """`[sms]`."""
    return {"sms": read_settings}


@hookimpl
def relance_routes(host: Host) -> Sequence[Route]:
    """Where the provider tells what became of a message, and hands over what people write."""
    from plugins.sms.receipts import Receipts
    from plugins.sms.replies import Replies

    settings = read_settings(host)
    return [*Receipts(host, settings).routes(), *Replies(host, settings).routes()]


@hookimpl
def relance_concerns(host: Setup) -> Sequence[Concern]:
    """An account that is not whole, while the project has SMS to send."""
    lacking = read_settings(host).lacking
    if lacking is None or not MESSAGES.of(host.files).by_file:
        return ()
    return (
        Concern(
            "sms.compte",
            Gravity.STOPPED,
            f"Aucun SMS ne peut partir : {quoted(lacking)} manque dans [sms].",
            "Ajoutez-le à relance.toml et relancez le serveur : les SMS qui attendent partiront.",
        ),
    )
