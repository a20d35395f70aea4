"""Why a condition held or not: the truth and the value of each of its leaves, as JSON text."""

from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, null

from relance import facts
from server.engine.conditions.conditions import compiled
from server.engine.conditions.json_array import JsonArray
from server.engine.conditions.operands import column_of_field, operand_of
from server.engine.conditions.scope import Scope
from server.engine.conditions.tallies import last_seen


def leaves_json(
    conditions: tuple[facts.Condition | None, ...], scope: Scope
) -> ColumnElement[str] | ColumnElement[None]:
    """[[truth, value], …] for every leaf of these conditions, as JSON text."""
    leaves = [leaf for item in conditions if item is not None for leaf in facts.leaves(item)]
    if not leaves:
        return null()
    rows = [
        JsonArray(
            case((compiled(leaf.condition, scope), 1), else_=0), _shown(leaf.condition, scope)
        )
        for leaf in leaves
    ]
    return JsonArray(*rows)


def _shown(condition: facts.Condition, scope: Scope) -> ColumnElement[Any]:
    """The value a leaf is reported with."""
    if isinstance(condition, facts.Compare):
        return operand_of(condition.left, scope)
    if isinstance(condition, facts.Happened):
        if condition.times > 1:
            return operand_of(facts.Count(condition.events), scope)
        return last_seen(condition.events, scope)
    if isinstance(condition, facts.Contains | facts.IsEmpty | facts.Birthday):
        return column_of_field(condition.field, scope)
    if isinstance(condition, facts.Not):
        return _shown(condition.item, scope)
    if isinstance(condition, facts.All) and (left := _compared(condition)) is not None:
        return operand_of(left, scope)
    return cast(null(), Text)


def _compared(condition: facts.All) -> facts.Operand | None:
    """What « entre … et … » compares: the one value that all its comparisons look at."""
    lefts = {item.left if isinstance(item, facts.Compare) else None for item in condition.items}
    return lefts.pop() if len(lefts) == 1 else None
