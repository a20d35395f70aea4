"""A message shown, or sent to who only looks: what the terminal, the pages and programs all ask."""

from dataclasses import dataclass

from relance.channel import Channel, Composer, Outcome, Preview, Previewer, Sent
from server.preview.stage import PreviewStage


@dataclass(frozen=True, slots=True)
class NotShown:
    """There is nothing to show, or nothing left; `reason` is a French sentence."""

    reason: str


async def show(here: PreviewStage, channel: Channel, name: str) -> Preview | NotShown:
    """What the lead of that stage would be shown."""
    address = str(here.fields.get(channel.address_field or "") or "")
    message = here.message(name, address)
    if isinstance(channel, Previewer):
        found = await channel.preview(message)
    elif isinstance(channel, Composer):
        text = await channel.compose(message)
        found = Preview(text) if isinstance(text, str) else text
    else:
        return NotShown("Ce canal ne sait pas montrer ce qu’il enverrait.")
    if isinstance(found, Preview):
        return found
    return NotShown(reason_of(found))


async def send(here: PreviewStage, channel: Channel, name: str, to: str) -> NotShown | None:
    """Send it to that address, said to be an essay; None once it left."""
    if not isinstance(channel, Previewer):
        return NotShown("Ce canal ne sait pas envoyer de message pour voir.")
    outcome = await channel.try_out(here.message(name, to))
    if isinstance(outcome, Sent):
        return None
    return NotShown(_sentence(f"rien n’est parti : {outcome.reason}"))


def reason_of(outcome: Outcome) -> str:
    """Why there is nothing to show, in a sentence."""
    return _sentence(getattr(outcome, "reason", "le message ne s’écrit pas"))


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}".rstrip(".") + "."
