"""Which way time alone may take a condition: nobody grows younger, no day brings a visit back.

What can only end and has ended settles a conjunction until an event comes; what can only begin and
has begun, an alternative. Who is in that case need not be looked at again by the clock.
"""

from enum import Enum

from relance import facts
from relance.values import Comparator


class Trend(Enum):
    """What time alone may do to an answer."""

    BEGINS = "begins"
    ENDS = "ends"

    @property
    def opposite(self) -> "Trend":
        """That of the contrary."""
        return Trend.ENDS if self is Trend.BEGINS else Trend.BEGINS


def trend(condition: facts.Condition) -> Trend | None:
    """That of a condition which time may change; None: both, or nobody knows."""
    match condition:
        case facts.Leaf(_, item):
            return trend(item)
        case facts.Not(item):
            found = trend(item)
            return found and found.opposite
        case facts.All(items) | facts.AnyOf(items):
            ways = {trend(item) for item in items if facts.timed(item)}
            return ways.pop() if len(ways) == 1 else None
        case facts.Happened(facts.Events(_, facts.SinceAgo())):
            return Trend.ENDS
        case facts.Compare(left, comparator, facts.Literal(int())) if comparator in _UPWARDS:
            return _growing(left)
        case facts.Compare(left, comparator, facts.Literal(int())) if comparator in _DOWNWARDS:
            grows = _growing(left)
            return grows and grows.opposite
    return None


_UPWARDS = {Comparator.GREATER, Comparator.AT_LEAST}
_DOWNWARDS = {Comparator.LESS, Comparator.AT_MOST}


def _growing(operand: facts.Operand) -> Trend | None:
    """The trend of « at least so much » of it."""
    match operand:
        case facts.Age():
            return Trend.BEGINS
        case facts.Count(facts.Events(_, facts.SinceAgo())):
            return Trend.ENDS
    return None
