"""What a lead spent, as SQL: the exact sum of the amounts of some events, in one currency."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Double, cast, false, literal, true

from relance import facts
from relance.values import Comparator
from server.engine.conditions.patterns import compared
from server.engine.conditions.scope import Scope
from server.engine.conditions.tallies import tally
from server.store.amounts import UNIT

_BIGGEST = 2**63 - 1


def total(operand: facts.Total, scope: Scope) -> ColumnElement[Any]:
    """The sum of the amounts of such events, in ten-thousandths; 0 when there is none."""
    unit = operand.currency or scope.fields.currency
    whole: ColumnElement[Any] = literal(0, BigInteger)
    for events in operand.of:
        whole = whole + tally(events, scope, unit).total
    return whole


def total_compared(
    left: facts.Total, comparator: Comparator, right: facts.Literal, scope: Scope
) -> ColumnElement[bool]:
    """A total against an amount, exactly: no float comes near."""
    exact = Decimal(str(getattr(right.value, "value", right.value))) * UNIT
    floor = int(exact.to_integral_value(ROUND_FLOOR))
    ceiling = int(exact.to_integral_value(ROUND_CEILING))
    if floor != ceiling and comparator in (Comparator.EQUAL, Comparator.DIFFERENT):
        return true() if comparator is Comparator.DIFFERENT else false()
    above = comparator in (Comparator.GREATER, Comparator.AT_MOST)
    bound = max(-_BIGGEST, min(_BIGGEST, floor if above else ceiling))
    return compared(total(left, scope), comparator, literal(bound, BigInteger))


def total_shown(operand: facts.Total, scope: Scope) -> ColumnElement[Any]:
    """The total as people write it, for the journal."""
    return cast(total(operand, scope), Double) / literal(float(UNIT), Double)
