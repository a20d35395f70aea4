"""What a played scenario is reported as."""

from dataclasses import dataclass
from datetime import datetime

from dsl.scenario import CheckedScenario
from server.reports.timeline import TimelineLine
from server.simulation.touched import Touched


@dataclass(frozen=True, slots=True)
class Failure:
    """A line of the scenario that does not hold.

    `message` says why in French; `found` holds the truth of each phrase looked at; `timeline`
    what happened to the lead until then.
    """

    line: int
    text: str
    message: str
    lead: str = ""
    found: tuple[str, ...] = ()
    timeline: tuple[TimelineLine, ...] = ()


@dataclass(frozen=True, slots=True)
class PlayedLine:
    """Something of a played scenario, in its order: one of its lines (`line`), or what happened to a
    lead before the next (`thread`). `at`: when, in the scenario's own zone."""

    at: datetime
    lead: str
    line: int | None = None
    thread: TimelineLine | None = None


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """A played scenario: it holds when it has no failure.

    `course`: how it went; `touched`: what it touched, where each was asked.
    """

    scenario: CheckedScenario
    checks: int
    failures: tuple[Failure, ...] = ()
    course: tuple[PlayedLine, ...] = ()
    touched: Touched | None = None

    @property
    def passed(self) -> bool:
        """Whether every line holds."""
        return not self.failures
