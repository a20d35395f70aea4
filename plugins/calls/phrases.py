"""The phrase that calls another program."""

from collections.abc import Sequence

from plugins.calls.happenings import CALL_REQUESTED
from relance.effects import Effect, Emit
from relance.phrase import Kind, Phrase
from relance.slot import SlotType


def call(name: str) -> Sequence[Effect]:
    """The receiver of that name is told of the lead."""
    return (Emit(CALL_REQUESTED, name),)


PHRASES = (
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
