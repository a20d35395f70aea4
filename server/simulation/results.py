"""What a played scenario is reported as."""

from dataclasses import dataclass

from dsl.scenario import CheckedScenario
from server.reports.timeline import TimelineLine


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
class ScenarioResult:
    """A played scenario: it holds when it has no failure."""

    scenario: CheckedScenario
    checks: int
    failures: tuple[Failure, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every line holds."""
        return not self.failures
