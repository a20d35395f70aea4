"""The phrases of calls to other programs: asking for one, and that one was asked for."""

from collections.abc import Sequence

from plugins.calls.happenings import CALL_REQUESTED
from relance.effects import Effect, Emit
from relance.events import EventPattern
from relance.phrase import Kind, Phrase
from relance.slot import SlotType


def call(name: str) -> Sequence[Effect]:
    """The receiver of that name is told of the lead."""
    return (Emit(CALL_REQUESTED, name),)


def called(name: str) -> EventPattern:
    """A campaign asked that this receiver be called."""
    return EventPattern(CALL_REQUESTED, name)


PHRASES = (
    Phrase(
        id="calls.called",
        kind=Kind.EVENT,
        pattern="Appel à {name:appel} demandé",
        means=called,
        help="Une campagne a demandé que ce programme soit appelé au sujet du lead, qu’il ait déjà "
        "répondu ou non.",
        example="Appel à (comptabilité) demandé",
        english="Call to {name:appel} requested",
    ),
    Phrase(
        id="calls.call",
        kind=Kind.ACTIVITY,
        pattern="Appeler {name:appel}",
        means=call,
        help="Prévient un autre programme : l’adresse déclarée sous ce nom dans relance.toml, "
        "[appels.…], reçoit le lead et ses champs, signés. L’appel est refait jusqu’à ce qu’il "
        "réponde, trois jours durant ; la campagne n’attend pas.",
        example="Appeler (comptabilité)",
        english="Call {name:appel}",
    ),
)

SLOT_TYPES = (
    SlotType(
        "appel",
        "Le nom d’une section [appels.…] de relance.toml.",
        closed=True,
    ),
)
