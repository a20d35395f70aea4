"""Channel types: what people call a channel, and what becomes of the messages it sends."""

from collections.abc import Iterator
from dataclasses import dataclass

from relance.sentence import fill, ill_named, ill_written

_ALWAYS, _MAYBE = ("message",), ("recipient",)


@dataclass(frozen=True, slots=True)
class ChannelType:
    """The words of the channel of that name; they are known where it sends nothing.

    `label` is French, as people read it in a table: « courriel ». `sentence` names one of its
    messages, before what became of it: « Alerte {message}[ à {recipient}] », what is between
    brackets being said only of a message that goes to somebody else than the lead. `feminine`:
    what became of it agrees with that noun, « envoyée ». `sent` is what is said of one that left,
    in other words than « envoyé ». `icon` is the sign of one character before it.
    `address_field` is the lead's field it writes to, when it is one that others write to as well:
    a file of leads may say not to write there. `left` and `back` are the types of the events told
    when somebody leaves the channel, or comes back to it, elsewhere than through it: one that has
    no `left` is not one that people leave. `plural` is its label of several, when that takes no « s ».
    """

    channel: str
    label: str
    sentence: str = "Message {message}"
    feminine: bool = False
    sent: str | None = None
    icon: str = "✉"
    address_field: str | None = None
    left: str | None = None
    back: str | None = None
    plural: str | None = None

    @property
    def several(self) -> str:
        """What its messages are called: « courriels »."""
        return self.plural or f"{self.label}s"

    def said(self, message: str, recipient: str | None) -> str:
        """One message, named."""
        return fill(self.sentence, {"message": message, "recipient": recipient})

    @property
    def code(self) -> str:
        """What it goes by in the store."""
        return self.channel

    def faults(self) -> Iterator[str]:
        """What keeps it from being told, in French."""
        yield from ill_named(self.label, self.icon)
        yield from ill_written(self.sentence, _ALWAYS, _MAYBE)
