"""Conversions as scripts speak of them: that one happened."""

from relance.events import CONVERTED, EventPattern
from relance.phrase import Kind, Phrase
from relance.slot import SlotType

CONVERSION = SlotType("conversion", "une conversion déclarée par le projet", closed=True)


def converted(conversion: str) -> EventPattern:
    """The conversion was counted for the lead."""
    return EventPattern(CONVERTED, conversion)


PHRASES = (
    Phrase(
        id="conversions.converted",
        kind=Kind.EVENT,
        pattern="Conversion {conversion:conversion} réalisée",
        means=converted,
        help="Vrai dès que l’événement de cette conversion, déclarée par « conversion « … » : … », est "
        "arrivé au lead. « * » vaut pour toutes. Ce que l’événement valait, un achat par exemple, "
        "est repris par la conversion.",
        example="Conversion (Démo) réalisée",
        english="Conversion {conversion:conversion} completed",
    ),
)
