"""The health of a server as one value: what is wrong, worst first, and what waits.

« All is well » is said here and nowhere else, so that no page can say it beside an alert.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from relance.concern import Concern, Gravity

WELL = "Tout va bien."


@dataclass(frozen=True, slots=True)
class Health:
    """What is wrong, worst first; how many events wait for the engine and instants are late."""

    concerns: tuple[Concern, ...] = ()
    backlog: int = 0
    overdue: int = 0

    @property
    def gravity(self) -> Gravity | None:
        """That of the worst; None when nothing is wrong."""
        return self.concerns[0].gravity if self.concerns else None

    @property
    def ok(self) -> bool:
        """Whether all that is asked for is done: nothing worse than a notice."""
        return self.gravity is None or self.gravity is Gravity.NOTICE

    @property
    def headline(self) -> str:
        """The worst, in a sentence."""
        return self.concerns[0].fact if self.concerns else WELL

    def has(self, code: str) -> bool:
        """Whether a concern of that code, or of one below it (« canal » for « canal.sms »), stands."""
        return any(one.code == code or one.code.startswith(code + ".") for one in self.concerns)


def health_of(concerns: Iterable[Concern], *, backlog: int = 0, overdue: int = 0) -> Health:
    """The health in which these concerns stand: the worst first, then as they were told."""
    ordered = sorted(concerns, key=lambda one: -one.gravity)
    return Health(tuple(ordered), backlog, overdue)
