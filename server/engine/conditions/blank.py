"""What may hold for a lead of whom nothing is known, so that its creation is looked at by few.

No event says « nobody told us his telephone »: a list of those who have none must learn of a new
lead, while ten thousand lists of those who did something need not.
"""

from collections.abc import Set
from decimal import Decimal

from relance import facts
from relance.fold import key_of
from relance.values import Amount, Comparator

_ZERO = (facts.Score, facts.Interest, facts.Count, facts.Total, facts.Visits, facts.VisitPages)
_KNOWN = (Decimal, int, Amount)


def may_hold(condition: facts.Condition | None, also: Set[str] = frozenset()) -> bool:
    """Whether the condition may hold for a new lead; `also`: lists that may take one in, by
    key."""
    return condition is None or _truth(condition, also) is not False


def _truth(condition: facts.Condition, also: Set[str]) -> bool | None:
    """True, False, or None when one has to look."""
    match condition:
        case facts.All(items):
            found = {_truth(item, also) for item in items}
            return False if False in found else None if None in found else True
        case facts.AnyOf(items):
            found = {_truth(item, also) for item in items}
            return True if True in found else None if None in found else False
        case facts.Not(item):
            truth = _truth(item, also)
            return None if truth is None else not truth
        case facts.Leaf(_, item):
            return _truth(item, also)
        case facts.IsEmpty():
            return True
        case facts.InList(name):
            return None if key_of(name) in also else False
        case facts.Contains() | facts.Birthday() | facts.HasTag() | facts.Entered():
            return False
        case facts.Happened() | facts.AtStep() | facts.Exited() | facts.Reached():
            return False
        case facts.Compare(left, comparator, right):
            return _compared(left, comparator, right)
        case _:
            return None


def _compared(left: facts.Operand, comparator: Comparator, right: facts.Operand) -> bool | None:
    if isinstance(left, facts.Literal | facts.DaysUntil):
        missing = isinstance(getattr(left, "field", None), facts.Field)
        return False if missing else None
    if not isinstance(left, _ZERO):
        return False
    if not isinstance(right, facts.Literal) or not isinstance(right.value, _KNOWN):
        return None
    bound = right.value.value if isinstance(right.value, Amount) else right.value
    return {
        Comparator.GREATER: bound < 0,
        Comparator.AT_LEAST: bound <= 0,
        Comparator.EQUAL: bound == 0,
        Comparator.DIFFERENT: bound != 0,
        Comparator.AT_MOST: bound >= 0,
        Comparator.LESS: bound > 0,
    }[comparator]
