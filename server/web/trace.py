"""The course of a score, drawn: a line a reader of screens is told in words."""

from dataclasses import dataclass

from server.reports import french
from server.reports.points import Warmth

_WIDE, _HIGH, _MARGIN = 100.0, 30.0, 3.0


@dataclass(frozen=True, slots=True)
class Trace:
    """`line` and `area`: paths in a frame of 100 by 30; `words`: what they show."""

    line: str
    area: str
    words: str


def trace(warmth: Warmth) -> Trace | None:
    """That of the changes that are kept; None when there is nothing to draw."""
    found = [(int(row.at), int(row.total)) for row in reversed(warmth.changes) if row.topic is None]
    if not found:
        return None
    first, last = found[0][0], found[-1][0]
    before = found[0][1] - next(
        int(row.delta) for row in reversed(warmth.changes) if row.topic is None
    )
    low = min(0, before, *(total for _, total in found))
    high = max(1, before, *(total for _, total in found))
    span, tall = max(1, last - first), high - low
    points = [(0.0, before), *(((at - first) / span * _WIDE, total) for at, total in found)]
    placed = [
        (across, _HIGH - _MARGIN - (total - low) / tall * (_HIGH - 2 * _MARGIN))
        for across, total in points
    ]
    path = [f"M{placed[0][0]:.1f} {placed[0][1]:.1f}"]
    for across, up in placed[1:]:
        path.append(f"H{across:.1f}V{up:.1f}")
    line = f"{''.join(path)}H{_WIDE:.0f}"
    words = f"Le pointage, de {french.number(before)} à {french.number(found[-1][1])}"
    return Trace(line, f"{line}V{_HIGH:.0f}H0Z", words)
