"""« Plus de 90 minutes se sont écoulées depuis … »: compared to the microsecond, zones and all.

What elapsed since a day is counted from its first instant in the zone, which no database knows:
the script's span is turned into the days whose midnights are that long ago, a hole the tick fills.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, literal, or_

from relance import facts
from relance.values import Comparator
from server.engine import parameters
from server.engine.conditions.literals import as_type
from server.engine.conditions.patterns import compared
from server.engine.conditions.scope import Scope
from server.engine.conditions.tallies import last_seen
from server.store.instants import MINUTE

Operands = Callable[[Any, Scope], ColumnElement[Any]]


def longer(condition: facts.Compare, scope: Scope, operand_of: Operands) -> ColumnElement[bool]:
    """A comparison whose left side is a time elapsed; NULL when it is missing."""
    left, right, comparator = condition.left, condition.right, condition.comparator
    assert isinstance(left, facts.MinutesSince)  # noqa: S101 — the caller has looked
    span = parameters.span_of(right)
    if isinstance(left.of, facts.Events):
        elapsed = parameters.NOW - last_seen(left.of, scope)
        return compared(elapsed, comparator, _micros(span, right, scope, operand_of))
    day = operand_of(left.of, scope)
    if span is None:
        return compared(operand_of(left, scope), comparator, operand_of(right, scope))
    before, upto = parameters.days_since(span)
    tests: Mapping[Comparator, ColumnElement[bool]] = {
        Comparator.GREATER: day <= before,
        Comparator.AT_LEAST: day <= upto,
        Comparator.EQUAL: and_(day > before, day <= upto),
        Comparator.DIFFERENT: or_(day <= before, day > upto),
        Comparator.AT_MOST: day > before,
        Comparator.LESS: day > upto,
    }
    return tests[comparator]


def _micros(
    span: int | None, right: facts.Operand, scope: Scope, operand_of: Operands
) -> ColumnElement[Any]:
    if span is not None:
        return literal(span, BigInteger)
    if isinstance(right, facts.Literal):
        return literal(as_type(right.value, None))
    return cast(operand_of(right, scope), BigInteger) * literal(MINUTE, BigInteger)


def instants(
    condition: facts.Compare, scope: Scope, operand_of: Operands
) -> ColumnElement[Any] | None:
    """When the comparison next changes, as far as an instant can be told."""
    left, right = condition.left, condition.right
    assert isinstance(left, facts.MinutesSince)  # noqa: S101 — the caller has looked
    span = parameters.span_of(right)
    if isinstance(left.of, facts.Events):
        then = last_seen(left.of, scope) + _micros(span, right, scope, operand_of)
        return next_change(then, condition.comparator)
    if span is None:
        return None
    day = operand_of(left.of, scope)
    return case(
        *(
            (day == known, next_change(then, condition.comparator))
            for known, then in parameters.next_days(span)
        )
    )


def next_change(then: Any, comparator: Comparator) -> ColumnElement[Any]:
    """What is compared with the time elapsed is reached then; « more » only right after."""
    if comparator in (Comparator.AT_LEAST, Comparator.LESS):
        return case((then > parameters.NOW, then))
    after = (then + 1 > parameters.NOW, then + 1)
    if comparator in (Comparator.GREATER, Comparator.AT_MOST):
        return case(after)
    return case((then > parameters.NOW, then), after)
