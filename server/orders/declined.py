"""The refusal of an order, in words that each door says by its own names.

The same order comes by a command, by a page and by `/api/v1`: what a refusal tells to do instead is
not named alike at each.
"""

from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias


class Gesture(Enum):
    """What a refusal tells to do instead. Its value: how a command is told it."""

    ACTIVATE = "«\u00a0relance activer\u00a0»"
    RESUME = "«\u00a0relance reprendre\u00a0»"
    RESTORE = "«\u00a0relance restaurer\u00a0»"
    SEE_LATE = "«\u00a0relance reprendre --essai\u00a0»"
    CHOOSE_LATE = (
        '--tout (tout de suite), --etaler "10 heures", --sauter "2 jours" (les envois plus vieux ne '
        "partent pas) ou --decaler (tout est repoussé de la durée de la pause)"
    )
    ALLOW = "--autoriser"
    OVER = "--sur"
    KEEP = "--garder"
    MIGRATE = "--migrer"
    LET_GO = "--sortir"
    TRY = "«\u00a0--essai\u00a0»"
    REPLAY = "«\u00a0relance test\u00a0»"
    DESPITE = "--malgre-scenarios, avec --note"


Words: TypeAlias = Mapping[Gesture, str]

OF_COMMANDS: Words = {one: one.value for one in Gesture}


class Declined(Exception):
    """The order cannot be done; French, what to do instead included.

    `about`: the argument of the order that is to be said, or said otherwise.
    """

    def __init__(self, *parts: str | Gesture, about: str = "") -> None:
        self._parts, self.about = parts, about
        super().__init__(self.in_words(OF_COMMANDS))

    def in_words(self, words: Words) -> str:
        """As a door says it that has these names for what may be done there."""
        return "".join(one if isinstance(one, str) else words[one] for one in self._parts)
