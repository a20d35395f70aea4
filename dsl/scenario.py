"""Checked scenarios: what the scenario runner plays on a virtual clock.

Moments stay relative, because only the runner knows the zone it plays in. A line without a moment
happens at the instant of the line before it; the first one at the runner's own start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import TypeAlias

from dsl.diagnostics import Span
from relance.events import NewEvent
from relance.facts import Condition
from relance.values import Duration, Value


@dataclass(frozen=True, slots=True)
class At:
    """On that local day, at that local time."""

    day: date
    time: time


@dataclass(frozen=True, slots=True)
class Later:
    """That long after the line before."""

    duration: Duration


CheckedMoment: TypeAlias = At | Later | None


@dataclass(frozen=True, slots=True)
class ScenarioLead:
    """A lead the scenario begins with; `fields` are typed and named as declared."""

    name: str
    fields: Mapping[str, Value]
    line: int


@dataclass(frozen=True, slots=True)
class CheckedStimulus:
    """Something happens to a lead. `text` is the phrase as written, for reports."""

    moment: CheckedMoment
    lead: str
    event: NewEvent
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class CheckedVerify:
    """A condition that must hold for a lead then; its phrases stand in `Leaf`s."""

    moment: CheckedMoment
    lead: str
    condition: Condition
    line: int
    text: str


CheckedLine: TypeAlias = CheckedStimulus | CheckedVerify


@dataclass(frozen=True, slots=True)
class CheckedScenario:
    """« scénario « … » », ready to be played: leads first, then the lines in order."""

    file: str
    name: str
    line: int
    leads: tuple[ScenarioLead, ...]
    lines: tuple[CheckedLine, ...]
    span: Span
