"""Rewriting a condition from its leaves up: one walk for all the passes that change facts."""

from collections.abc import Callable

from relance.facts import All, AnyOf, Condition, Leaf, Not


def rewrite(condition: Condition, change: Callable[[Condition], Condition]) -> Condition:
    """`condition` with each of its facts replaced by `change(fact)`."""
    if isinstance(condition, All):
        return All(tuple(rewrite(item, change) for item in condition.items))
    if isinstance(condition, AnyOf):
        return AnyOf(tuple(rewrite(item, change) for item in condition.items))
    if isinstance(condition, Not):
        return Not(rewrite(condition.item, change))
    if isinstance(condition, Leaf):
        return Leaf(condition.said, rewrite(condition.condition, change))
    return change(condition)


def without_leaves(condition: Condition) -> Condition:
    """`condition` with its phrases no longer reported one by one."""
    if isinstance(condition, All):
        return All(tuple(without_leaves(item) for item in condition.items))
    if isinstance(condition, AnyOf):
        return AnyOf(tuple(without_leaves(item) for item in condition.items))
    if isinstance(condition, Not):
        return Not(without_leaves(condition.item))
    if isinstance(condition, Leaf):
        return without_leaves(condition.condition)
    return condition
