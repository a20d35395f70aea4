"""Whether other processes send too, and what this one must know to send beside them."""

from collections.abc import Callable
from dataclasses import dataclass


def _nothing() -> None:
    """Nobody to tell."""


@dataclass(slots=True)
class SharedSending:
    """Of one process, which its lanes have in common.

    `on`: others send too, so that a channel is held for each turn, and its pace kept in the store.
    `publication`: the number of what a process that publishes nothing itself has read; it leaves
    what a later one decided to those who know its messages, and `outdated` is called.
    """

    on: bool = False
    publication: int | None = None
    outdated: Callable[[], None] = _nothing

    def knows(self, publication: int) -> bool:
        """Whether all that was published up to there is known here."""
        return self.publication is None or self.publication >= publication
