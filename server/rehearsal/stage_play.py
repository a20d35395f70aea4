"""The scenarios of a draft, played here and now: those of what changed first, and not those that last.

What passed lately, and nothing can have changed since, is not played again (`server.simulation.lasting`).
"""

import asyncio
import sqlite3
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Protocol

from dsl.scenario import CheckedScenario
from server.plugins import Plugins
from server.publication.draft import edited
from server.publication.edition import edition
from server.publication.reading import DraftReading
from server.rehearsal.draft_rehearsal import DraftRehearsal, FailedScenario
from server.rehearsal.kept_successes import KeptSuccesses
from server.rehearsal.progress import ScenarioBegun
from server.settings import Settings
from server.simulation import ScenarioResult, run_scenarios
from server.simulation.lasting import ScenarioSuccess, StageMarks, chosen_of, marks_of

#: What passed is kept this often, in seconds, as they are played.
_SAVED = 2.0
#: Of what was found where a line does not hold, how much is said.
_FOUND = 5


class Announced(Protocol):
    """Hears of the scenarios as they are played: `RehearsalProgress` does."""

    def begins(self, current: ScenarioBegun, done: int, total: int, lasting: int = 0) -> None:
        """One begins: how many are over, how many there are to play, and how many are not played."""

    def fails(self, one: FailedScenario) -> None:
        """A failure, known before the others are played."""


@dataclass
class _Played:
    """What is announced of the scenarios as they are played, and kept of those that pass."""

    scenarios: Sequence[CheckedScenario]
    chosen: Sequence[CheckedScenario]
    past: KeptSuccesses
    marks: StageMarks | None
    announced: Announced
    _over: int = 0
    _successes: list[ScenarioSuccess] = field(default_factory=list)
    _saved: float = field(default_factory=monotonic)

    def __post_init__(self) -> None:
        self._places = dict(zip(map(id, self.scenarios), _places(self.scenarios), strict=True))

    @property
    def lasting(self) -> int:
        """How many are not played."""
        return len(self.scenarios) - len(self.chosen)

    def begins(self, one: CheckedScenario) -> None:
        """It is about to be played."""
        begun = ScenarioBegun(one.file, self._places[id(one)], one.name, one.line)
        self.announced.begins(begun, self._over, len(self.chosen), self.lasting)
        self._over += 1

    def ends(self, result: ScenarioResult) -> None:
        """It was."""
        if not result.passed:
            self.announced.fails(self.failed(result))
        elif self.marks is not None and (success := self.marks.success(result)) is not None:
            self._successes.append(success)
        # Who changes the draft meanwhile, or stops it, has not had them played for nothing.
        if monotonic() - self._saved > _SAVED:
            self.keep()

    def keep(self) -> None:
        """Keep those that passed until now."""
        self.past.keep(self._successes, len(self.scenarios))
        self._saved = monotonic()

    def failed(self, result: ScenarioResult) -> FailedScenario:
        """One that does not pass."""
        one, first = result.scenario, result.failures[0]
        what = first.text, first.message, [str(each) for each in first.found[:_FOUND]]
        return FailedScenario(one.file, self._places[id(one)], one.name, first.line, *what)


def rehearse(
    reading: DraftReading,
    plugins: Plugins,
    settings: Settings,
    changed: Collection[str],
    announced: Announced,
) -> DraftRehearsal:
    """How those of that draft go; `changed`: the scripts that are not as they run."""
    checked, past = reading.checked, KeptSuccesses(settings.folder)
    marks = marks_of(
        checked, reading.people, reading.files, plugins, _played_with(settings, plugins)
    )
    chosen = chosen_of(checked.scenarios, marks, past.by_scenario(), changed)
    played = _Played(checked.scenarios, chosen, past, marks, announced)
    results = asyncio.run(
        run_scenarios(
            checked,
            plugins,
            settings.zone,
            people=reading.people,
            currency=settings.currency,
            region=settings.region,
            files=reading.files,
            sections=settings.plugins,
            works=settings.calendar.works,
            consent=settings.consent.asked,
            begins=played.begins,
            ends=played.ends,
            chosen=chosen,
        )
    )
    played.keep()
    failed = sorted(
        (played.failed(one) for one in results if not one.passed),
        key=lambda one: (one.file, one.place),
    )
    digest = edited(reading.files).digest
    return DraftRehearsal(digest, len(checked.scenarios), failed, lasting=played.lasting)


def _played_with(settings: Settings, plugins: Plugins) -> Sequence[object]:
    """All that a stage is set by beside the draft: the code of it, and the settings it is handed."""
    calendar = settings.calendar
    holidays = [(type(one).__name__, one.country, one.subdiv) for one in calendar.places]
    code = edition(
        [*plugins.sources(), Path(__file__).parent.parent], (*plugins.names, sys.version)
    )
    return (
        *(code, sqlite3.sqlite_version, str(settings.zone), settings.region, settings.currency),
        *(holidays, calendar.days, calendar.yearly, settings.consent.asked, settings.plugins),
    )


def _places(scenarios: Sequence[CheckedScenario]) -> Sequence[int]:
    """Which of its file each is, from 1."""
    before: Counter[str] = Counter()
    places = []
    for one in scenarios:
        before[one.file] += 1
        places.append(before[one.file])
    return places
