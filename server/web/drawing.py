"""What pages draw of figures, as attributes of SVG: bars of fates, courses over days.

Nothing of it is text of anybody’s: numbers only, which templates write into the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from relance.values import Percentage
from server.reports.performance.listing import CampaignSummary

#: How wide the bar of a campaign is, in its own units.
WIDE = 1_000


@dataclass(frozen=True, slots=True)
class BarStretch:
    """A stretch of a bar: of which kind, from where, how long."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bars:
    """The fates of those who entered. `target`: where the goal asks the successes to reach."""

    stretches: Sequence[BarStretch]
    label: str
    target: float | None = None


def bars(one: CampaignSummary) -> Bars:
    """Of a campaign: succeeded, left otherwise, still going."""
    counts = {"won": one.succeeded, "lost": one.failed, "going": one.inside}
    whole = sum(counts.values())
    label = f"{one.succeeded} réussies, {one.failed} sorties sans réussite, {one.inside} en cours"
    if not whole:
        return Bars((), label, _target(one))
    found, x = [], 0.0
    for kind, count in counts.items():
        width = WIDE * count / whole
        if count:
            found.append(BarStretch(kind, round(x, 1), round(max(width - 3, 2), 1)))
        x += width
    return Bars(found, label, _target(one))


def _target(one: CampaignSummary) -> float | None:
    target = one.goal.rule.target if one.goal is not None else None
    return float(target.value) * WIDE / 100 if isinstance(target, Percentage) else None


def spark(counts: Sequence[int]) -> str:
    """A course, as the path of a line in a picture of 100 by 30."""
    if len(counts) < 2:
        return "M0 28L100 28"
    most = max(*counts, 1)
    points = [
        f"{at * 100 / (len(counts) - 1):.1f} {28 - 24 * count / most:.1f}"
        for at, count in enumerate(counts)
    ]
    return "M" + "L".join(points)


@dataclass(frozen=True, slots=True)
class Day:
    """A bar of a course: its place, and what it says."""

    x: float
    y: float
    width: float
    height: float
    words: str


def days(counts: Sequence[int], words: Sequence[str]) -> Sequence[Day]:
    """A course as upright bars, in a picture of 1000 by 150."""
    most, step = max(*counts, 1), WIDE / max(len(counts), 1)
    return [
        Day(
            round(at * step, 1),
            round(148 - 140 * count / most, 1),
            round(step * 0.72, 1),
            round(140 * count / most + 1, 1),
            said,
        )
        for at, (count, said) in enumerate(zip(counts, words, strict=True))
    ]
