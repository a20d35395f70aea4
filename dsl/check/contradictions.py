"""Contradictions: conjunctions that can hold for nobody, the simple ones.

Bounds that leave no room (« au-dessus de (50) et en-dessous de (20) »), and a thing with its
contrary. What needs more thought than that is left to the author.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from dsl.check.rewrite import without_leaves
from relance.facts import All, AnyOf, Compare, Condition, Count, Literal, Not, Score
from relance.fold import fold
from relance.values import Comparator

_LOWER = (Comparator.GREATER, Comparator.AT_LEAST)
_UPPER = (Comparator.LESS, Comparator.AT_MOST)


def contradictory(condition: Condition) -> bool:
    """Whether nobody can meet `condition`."""
    bare = without_leaves(condition)
    if isinstance(bare, AnyOf):
        return bool(bare.items) and all(contradictory(item) for item in bare.items)
    items = list(_conjuncts(bare))
    if any(isinstance(item, AnyOf) and contradictory(item) for item in items):
        return True
    if any(isinstance(item, Not) and item.item in items for item in items):
        return True
    compared = [item for item in items if isinstance(item, Compare)]
    return any(
        _apart(one, other)
        for at, one in enumerate(compared)
        for other in compared[at + 1 :]
        if one.left == other.left
    )


def _conjuncts(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, All):
        for item in condition.items:
            yield from _conjuncts(item)
    else:
        yield condition


def _apart(one: Compare, other: Compare) -> bool:
    if not isinstance(one.right, Literal) or not isinstance(other.right, Literal):
        return False
    left, right = one.right.value, other.right.value
    if isinstance(left, str) and isinstance(right, str):
        same = fold(left) == fold(right)
        kinds = {one.comparator, other.comparator}
        if kinds == {Comparator.EQUAL}:
            return not same
        return kinds == {Comparator.EQUAL, Comparator.DIFFERENT} and same
    if isinstance(left, date) and isinstance(right, date):
        return _disjoint(one, left.toordinal(), other, right.toordinal(), whole=True)
    if isinstance(left, Decimal | int) and isinstance(right, Decimal | int):
        whole = isinstance(one.left, Score | Count)
        return _disjoint(one, Decimal(left), other, Decimal(right), whole=whole)
    return False


def _disjoint(
    one: Compare, left: Decimal | int, other: Compare, right: Decimal | int, *, whole: bool
) -> bool:
    """Whether no number meets both; `whole` numbers leave more gaps."""
    if one.comparator in _UPPER or other.comparator in _LOWER:
        one, left, other, right = other, right, one, left
    kinds = (one.comparator, other.comparator)
    if Comparator.DIFFERENT in kinds:
        return left == right and Comparator.EQUAL in kinds
    if kinds == (Comparator.EQUAL, Comparator.EQUAL):
        return left != right
    lower, upper = one.comparator, other.comparator
    if lower in _UPPER or upper in _LOWER:
        return False
    gap = right - left
    strict = (lower is Comparator.GREATER) + (upper is Comparator.LESS)
    if whole and left == int(left) and right == int(right):
        return gap < strict
    return gap < 0 or (gap == 0 and strict > 0)
