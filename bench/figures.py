"""A figure, its baseline, their ratio, and how far the runs spread; written in French."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median


class Goal(Enum):
    """Which way is good."""

    AT_LEAST = "≥"
    AT_MOST = "≤"


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured: `ours[i]` and `baseline[i]` ran one just after the other.

    `on_ratio` tells whether the goal bounds the ratio or our own figure; some have none.
    """

    what: str
    unit: str
    ours: Sequence[float]
    beside: str
    baseline: Sequence[float]
    goal: Goal | None = None
    bound: float = 0.0
    on_ratio: bool = True

    @property
    def ratios(self) -> list[float]:
        """Ours over the baseline, run by run."""
        return [ours / base for ours, base in zip(self.ours, self.baseline, strict=True)]

    @property
    def reached(self) -> bool:
        """Whether the median keeps the goal."""
        if self.goal is None:
            return True
        value = median(self.ratios if self.on_ratio else self.ours)
        return value >= self.bound if self.goal is Goal.AT_LEAST else value <= self.bound


def interleaved(
    runs: int, ours: Callable[[], float], baseline: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Both in turn, each going first every other time."""
    left: list[float] = []
    right: list[float] = []
    for number in range(runs):
        if number % 2:
            right.append(baseline())
            left.append(ours())
        else:
            left.append(ours())
            right.append(baseline())
    return left, right


def french(value: float) -> str:
    """A number as the French write it: « 12 345 », « 1,87 »."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace(".", ",")


_HEADS = ("Mesure", "Relance", "Référence", "Rapport (de … à …)", "Objectif", "")


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table whose columns also stand straight in a terminal."""
    rows = [_HEADS, *(_row(figure) for figure in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _row(figure: Figure) -> tuple[str, ...]:
    ratios = figure.ratios
    spread = f"{french(median(ratios))} ({french(min(ratios))} à {french(max(ratios))})"
    return (
        figure.what,
        f"{french(median(figure.ours))} {figure.unit}",
        f"{french(median(figure.baseline))} {figure.unit}, {figure.beside}",
        spread,
        *_goal(figure),
    )


def _goal(figure: Figure) -> tuple[str, str]:
    if figure.goal is None:
        return "", ""
    bound = f"{figure.goal.value} {french(figure.bound)}"
    shown = bound if figure.on_ratio else f"{bound} {figure.unit}"
    return shown, "atteint" if figure.reached else "non atteint"
