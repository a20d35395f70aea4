"""The score: one number that says how warm a lead is."""

from collections.abc import Sequence

from plugins.scoring.phrases import PHRASES
from relance.hookspecs import hookimpl
from relance.phrase import Phrase

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Asking about the score, and changing it."""
    return PHRASES
