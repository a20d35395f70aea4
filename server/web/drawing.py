"""What pages draw of figures, as attributes of SVG: bars of fates, courses over days.

Nothing of it is text of anybody’s: numbers only, which templates write into the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from relance.values import Percentage
from server.reports.chart import Chart
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


def days(counts: Sequence[float], words: Sequence[str], most: float = 0) -> Sequence[Day]:
    """A course as upright bars, in a picture of 1000 by 150. `most`: what is as high as it."""
    most, step = most or max(*counts, 1), WIDE / max(len(counts), 1)
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


def outline(sizes: Sequence[float], most: float) -> str:
    """A course as the path of a line in the same picture, through the middle of each bar."""
    step = WIDE / max(len(sizes), 1)
    points = [
        f"{(at + 0.36) * step:.1f} {148 - 140 * one / most:.1f}" for at, one in enumerate(sizes)
    ]
    return "M" + "L".join(points)


def distinct(found: Sequence[Chart], most: int = 2) -> Sequence[Chart]:
    """The first of them. What a share is of is drawn already: the same bars are not drawn twice."""
    lengths: list[list[float]] = []
    kept: list[Chart] = []
    for one in found:
        total = sum(each.length for each in one.bars) or 1
        shape = [round(each.length / total, 2) for each in one.bars]
        if shape not in lengths:
            lengths.append(shape)
            kept.append(one)
    return kept[:most]
