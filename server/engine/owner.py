"""Who owns rules: the versions of campaigns, the rules outside campaigns, the lists.

The engine asks the same of all three; what each of them has is found by its owner's number and its
own, which is how the store keeps it too.
"""

from collections.abc import Iterable, Set
from typing import Protocol, TypeAlias

from server.engine.listening import Happening
from server.engine.tick import Tick

#: The owner of the lists, and that of the rules outside campaigns; versions are numbered from 1.
LISTS, RULES = 0, -1
#: That of the goals of campaigns: below the numbers that lists go by within a tick.
GOALS = -(2**40)

#: An owner, and the number of what is meant there: a trigger, a rule, a list.
Key: TypeAlias = tuple[int, int]


class RuleOwner(Protocol):
    """Follows events and the clock for all that it owns; compiles each when it is first needed."""

    @property
    def heard(self) -> Set[str]:
        """The types of the events to be followed."""

    def owns(self, key: Key) -> bool:
        """Whether that is, or was, one of its own."""

    def hears(self, event: Happening) -> bool:
        """Whether such an event is to be followed."""

    async def follow(self, tick: Tick, happenings: Iterable[Happening]) -> None:
        """Look at the leads of the events handled now."""

    async def turn(self, tick: Tick, due: Iterable[Key]) -> None:
        """Look at the leads whose time has come, noted in `turning`, for those of its own."""
