"""What a report puts together: the states of a message, the days of a course, ways of leaving."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest

from relance.report import Cell, CellType
from server.reports.glossary import Glossary
from server.reports.performance.campaign import (
    CampaignPerformance,
    VersionLine,
    campaign_reports,
)
from server.reports.performance.house import CourseStep
from server.reports.performance.messages import KINDS, MessageLine, messages_report
from server.reports.performance.reading import EVER


@pytest.mark.parametrize("fate", [one.removeprefix("message ") for one in KINDS])
def test_whatever_became_of_a_message_is_counted_in_one_column(fate: str) -> None:
    line = MessageLine("email", "Offre", {fate: 3})
    found = messages_report([line], Glossary(), each=True)
    counts = [at for at, one in enumerate(found.columns) if one.kind is CellType.COUNT]
    assert sorted(found.rows[0][at] for at in counts) == [0] * (len(counts) - 1) + [3]


@pytest.mark.parametrize(
    ("step", "day", "first"),
    [
        (CourseStep.DAY, date(2026, 12, 3), date(2026, 12, 3)),
        (CourseStep.WEEK, date(2026, 12, 3), date(2026, 11, 30)),
        (CourseStep.WEEK, date(2026, 11, 30), date(2026, 11, 30)),
        (CourseStep.MONTH, date(2026, 12, 3), date(2026, 12, 1)),
    ],
)
def test_a_course_is_told_by_whole_days_weeks_and_months(
    step: CourseStep, day: date, first: date
) -> None:
    assert step.begins(day) == first


def summary(left: Counter[str], succeeded: Sequence[tuple[int, int]] = ()) -> dict[str, Cell]:
    version = VersionLine(1, 1, None, left=left)
    seconds = sum(60 * minutes * n for minutes, n in succeeded)
    of = CampaignPerformance(
        "Tarifs", EVER, [version], (), Counter(), (), (), succeeded, seconds, None
    )
    found = campaign_reports(of, Glossary()).parts["resume"]
    return {one.key: cell for one, cell in zip(found.columns, found.rows[0], strict=True)}


def test_who_ran_out_of_time_failed_and_who_was_removed_did_neither() -> None:
    ways = ("success", "failure", "timeout", "finished", "removed", "archived")
    answered = summary(Counter(dict(zip(ways, (1, 2, 4, 8, 16, 32), strict=True))))
    assert (answered["sorties"], answered["reussies"], answered["echouees"]) == (63, 1, 6)
    assert answered["taux_reussite"] == pytest.approx(1 / 63)


@pytest.mark.parametrize(
    ("succeeded", "mean", "median"),
    [
        ([], None, None),
        ([(72, 1)], 0.05, 0.05),
        ([(72, 1), (144, 1), (1_440, 1)], 0.38, 0.1),
        ([(72, 1), (1_440, 3)], 0.76, 1.03),
        ([(72, 2), (1_440, 2)], 0.53, 0.05),
    ],
)
def test_half_of_the_successes_took_the_median_at_most(
    succeeded: Sequence[tuple[int, int]], mean: float | None, median: float | None
) -> None:
    answered = summary(Counter(), succeeded)
    assert (answered["jours_moyens"], answered["jours_medians"]) == (mean, median)
