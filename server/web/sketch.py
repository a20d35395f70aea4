"""The small picture of a campaign that nobody is in yet: its stops on a line, its branches below it."""

from collections.abc import Sequence
from dataclasses import dataclass

from dsl.tree.nodes import Campaign, If, SplitBlock, StepMark, WaitBlock

_WIDE, _LINE, _BELOW = 300, 20, 58
#: Beyond so many stops, a picture this small shows nothing more.
_MOST = 9


@dataclass(frozen=True, slots=True)
class Sketch:
    """Curves, and the stops on them, in a picture of 300 by 74."""

    paths: Sequence[str]
    stops: Sequence[tuple[int, int]]


def sketch(campaign: Campaign) -> Sketch:
    """Its first stops: what is done on the line, what waits or decides with a curve below."""
    body = [one for one in campaign.body if not isinstance(one, StepMark)][:_MOST]
    step = (_WIDE - 24) // max(len(body), 1)
    paths, stops = [f"M10 {_LINE}H{_WIDE - 10}"], []
    for at, one in enumerate(body):
        x = 14 + at * step
        stops.append((x, _LINE))
        if isinstance(one, If | WaitBlock | SplitBlock):
            end = min(x + step, _WIDE - 14)
            paths.append(f"M{x} {_LINE}C{x + 6} {_BELOW} {x + 6} {_BELOW} {end - 4} {_BELOW}")
            stops.append((end - 4, _BELOW))
    return Sketch(paths, stops)
