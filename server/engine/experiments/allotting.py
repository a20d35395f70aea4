"""Which part of those to come each share gets, by what the others came to.

Thompson sampling, whose chance to choose a share is the probability that it is the best (W. R.
Thompson, Biometrika 25, 1933): the parts are these very probabilities, so that nothing is drawn but
the leads. None goes below a floor, so that each goes on being compared.
"""

from collections.abc import Sequence

from server.engine.experiments.likelihood import LEAST_LEADS, Outcome, best

#: Parts are of so many.
WHOLE = 10_000


def allotted(outcomes: Sequence[Outcome], floor: int, planned: Sequence[int]) -> Sequence[int]:
    """The part of each share, of 10,000. As planned until each has leads enough to be compared."""
    if len(outcomes) < 2 or min(one.leads for one in outcomes) < LEAST_LEADS:
        return list(planned)
    free = WHOLE - floor * len(outcomes)
    wished = [free * surely for surely in best(outcomes)]
    parts = [floor + int(one) for one in wished]
    # What rounding left goes to those it took most from, the first written first.
    taken = sorted(range(len(parts)), key=lambda at: (int(wished[at]) - wished[at], at))
    for at in taken[: WHOLE - sum(parts)]:
        parts[at] += 1
    return parts
