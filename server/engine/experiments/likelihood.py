"""How surely a share of leads does better than others, from how many of each reached a goal.

The interval of a rate is Wilson's score interval (E. B. Wilson, “Probable Inference, the Law of
Succession, and Statistical Inference”, JASA 22, 1927): unlike the usual one, it holds with few leads
and rates near 0. That a share is the best is the probability, under a uniform prior, that its rate
is above each other's (the Beta posteriors that Thompson sampling draws from: W. R. Thompson,
Biometrika 25, 1933), found by quadrature: no dice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import exp, log, sqrt

#: Of a standard normal, what 95 % are within.
Z95 = 1.959963984540054
#: A winner is told only when each share has so many leads.
LEAST_LEADS = 100
#: How surely it must be the best: people look often, and each look is one more chance to be wrong.
SURELY = 0.998
#: How far around its mean a density is looked at, in standard deviations, and at how many points.
_REACH, _POINTS = 8.0, 96


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of so many leads, so many reached the goal."""

    leads: int
    reached: int


def interval(of: Outcome, z: float = Z95) -> tuple[float, float]:
    """Between which rates the true one is, 95 times in a hundred; (0, 1) of nobody."""
    if not of.leads:
        return 0.0, 1.0
    rate, square = of.reached / of.leads, z * z
    scale = 1 + square / of.leads
    middle = rate + square / (2 * of.leads)
    half = z * sqrt(rate * (1 - rate) / of.leads + square / (4 * of.leads * of.leads))
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def best(shares: Sequence[Outcome]) -> Sequence[float]:
    """Of each, the probability that its rate is the highest; they add up to 1."""
    points = sorted({point for one in shares for point in _around(one)})
    densities = [_density(one, points) for one in shares]
    below = [_shares(density, points) for density in densities]
    found = []
    for number, density in enumerate(densities):
        together: Sequence[float] = density
        for other, cumulated in enumerate(below):
            if other != number:
                together = [one * rest for one, rest in zip(together, cumulated, strict=True)]
        found.append(_integrals(together, points)[-1] / _integrals(density, points)[-1])
    total = sum(found)
    return [one / total for one in found]


def winner(shares: Sequence[Outcome]) -> int | None:
    """The share that is surely the best; None while nobody can tell."""
    if len(shares) < 2 or min(one.leads for one in shares) < LEAST_LEADS:
        return None
    surely = best(shares)
    first = max(range(len(shares)), key=surely.__getitem__)
    return first if surely[first] >= SURELY else None


def _around(of: Outcome) -> Sequence[float]:
    """Points between 0 and 1, where the rate may be."""
    hit, missed = of.reached + 1, of.leads - of.reached + 1
    count = hit + missed
    mean = hit / count
    spread = _REACH * sqrt(mean * (1 - mean) / (count + 1))
    low, high = max(0.0, mean - spread), min(1.0, mean + spread)
    step = (high - low) / _POINTS
    return [low + step * (at + 0.5) for at in range(_POINTS)]


def _density(of: Outcome, points: Sequence[float]) -> Sequence[float]:
    """That of its rate at these points, whole but for a factor: the highest is 1."""
    missed = of.leads - of.reached
    logs = [of.reached * log(point) + missed * log(1 - point) for point in points]
    highest = max(logs)
    return [exp(one - highest) for one in logs]


def _integrals(density: Sequence[float], points: Sequence[float]) -> Sequence[float]:
    """Its integral up to each point, by trapezes."""
    heights = pairwise(zip(points, density, strict=True))
    areas = ((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in heights)
    return list(accumulate(areas, initial=0.0))


def _shares(density: Sequence[float], points: Sequence[float]) -> Sequence[float]:
    """The probability to be below each point."""
    found = _integrals(density, points)
    return [one / found[-1] for one in found]
