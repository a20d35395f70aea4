"""What came of publications that followed by themselves, until whoever confirmed them has seen it.

Every page asks it, without asking the base.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DeferredOutcome:
    """What is said, once, to who confirmed it; `number`: of what was deferred."""

    number: int
    text: str
    refused: bool


@dataclass(slots=True)
class Outcomes:
    """Those that are still to be said, by person."""

    #: Called once one was said.
    on_seen: Callable[[], None] = lambda: None
    _left: defaultdict[str, deque[DeferredOutcome]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _seen: list[int] = field(default_factory=list)

    def leave(self, person: str, one: DeferredOutcome) -> None:
        """To be said to that person."""
        self._left[person].append(one)

    def next(self, person: str) -> DeferredOutcome | None:
        """What is to be said to that person now: it is not said again."""
        if not self._left.get(person):
            return None
        found = self._left[person].popleft()
        self._seen.append(found.number)
        self.on_seen()
        return found

    def seen(self) -> Sequence[int]:
        """Those that were said since this was asked last."""
        found, self._seen = self._seen, []
        return found
