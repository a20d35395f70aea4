"""How far the scenarios of a draft are, while they are played: said to whoever waits for them."""

from dataclasses import dataclass, field
from time import monotonic

from server.rehearsal.draft_rehearsal import FailedScenario
from server.reports import french

#: How long one may take, and what comes before the first: all is read, and made to run.
SECONDS_OF_ONE, SECONDS_OF_READING = 60.0, 300.0


@dataclass(frozen=True, slots=True)
class ScenarioBegun:
    """One that begins, by its file, which of it it is, from 1, and its first line."""

    file: str
    place: int
    name: str
    line: int


@dataclass(slots=True)
class RehearsalProgress:
    """How far they are: `done` of `total`, which of them is played, and since when (monotonic).

    `failed`: those that did, so far; `lasting`: how many are not played, which nothing can have changed.
    """

    done: int = 0
    total: int = 0
    current: ScenarioBegun | None = None
    since: float = field(default_factory=monotonic)
    failed: list[FailedScenario] = field(default_factory=list)
    lasting: int = 0

    def begins(self, current: ScenarioBegun, done: int, total: int, lasting: int = 0) -> None:
        """One begins, so many of so many being over."""
        self.done, self.total, self.current, self.since = done, total, current, monotonic()
        self.lasting = lasting

    def fails(self, one: FailedScenario) -> None:
        """One failed: that is known before the others are over."""
        self.failed.append(one)

    @property
    def unchanged(self) -> str:
        """How many are not played, in a sentence; empty where all are."""
        if not self.lasting:
            return ""
        return f"{french.count(self.lasting, 'autre est inchangé', 'autres sont inchangés')}."

    @property
    def late(self) -> bool:
        """Whether what goes on has gone on for too long."""
        most = SECONDS_OF_READING if self.current is None else SECONDS_OF_ONE
        return monotonic() - self.since > most
