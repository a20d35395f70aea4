"""What rules say of the CRM."""

from collections.abc import Sequence

from plugins.crm.happenings import CHANNEL, SYNCED
from relance.effects import Effect, Send
from relance.events import EventPattern
from relance.phrase import Kind, Phrase


def synced() -> EventPattern:
    """A synchronisation succeeded."""
    return EventPattern(SYNCED)


def sync() -> Sequence[Effect]:
    """Bring the lead to the CRM."""
    return (Send(CHANNEL, "lead"),)


PHRASES = (
    Phrase(
        id="crm.synced",
        kind=Kind.EVENT,
        pattern="Synchronisé au CRM",
        means=synced,
        help="Une synchronisation du lead au CRM a réussi. Celle qui attend encore, ou que le CRM a refusée, ne compte pas.",
        example="Synchronisé au CRM",
        english="Synchronised to the CRM",
    ),
    Phrase(
        id="crm.sync",
        kind=Kind.ACTIVITY,
        pattern="Synchronisation au CRM",
        means=sync,
        help="Porte le lead tel qu’il est au CRM du projet, et en ramène les champs dont le CRM est maître. Le parcours n’attend pas la réponse.",
        example="Synchronisation au CRM",
        english="Synchronise to the CRM",
    ),
)
