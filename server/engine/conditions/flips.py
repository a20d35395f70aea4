"""When time alone may next change the answer of a condition, as SQL: the earliest of its facts'.

What counts elapsed time changes at an instant; what counts days does so when a local day begins.
To look too early is harmless: the answer stays what it was, and the next time is computed anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Text,
    case,
    cast,
    extract,
    func,
    literal,
    not_,
    null,
)

from relance import facts
from relance.values import Comparator
from server.engine import parameters
from server.engine.conditions import elapsed
from server.engine.conditions.conditions import compiled
from server.engine.conditions.history import span_ago
from server.engine.conditions.literals import as_type
from server.engine.conditions.operands import column_of_field, month_day, operand_of, year_of
from server.engine.conditions.scope import Scope
from server.engine.conditions.tallies import tally
from server.engine.conditions.trends import Trend, trend
from server.engine.conditions.visits import visit_over
from server.store.instants import DAY, Micros

_NEVER: Micros = 2**62
_LAST_DAY = date(9999, 12, 31)
#: Further than this from today there is no date.
_FAR = 2_800_000
_OLDEST = 10_000


@dataclass(frozen=True, slots=True)
class Flip:
    """The next change: at an instant, at the beginning of a day; None for never, as NULL is.

    Only for those for whom `guard` holds, if there is one.
    """

    at: ColumnElement[Any] | None
    day: ColumnElement[Any] | None
    guard: ColumnElement[bool] | None = None


def next_flip(condition: facts.Condition, scope: Scope) -> Flip:
    """When to look at the condition again, for each lead of the scope."""
    flip = guarded_flip(condition, scope)
    return flip if flip.guard is None else _while(flip.guard, flip)


def guarded_flip(condition: facts.Condition, scope: Scope) -> Flip:
    """The same, what keeps the whole from changing told apart."""
    parts = _TimedParts.of(condition)
    found = [flip for item in parts.late for flip in _flips(item, scope)]
    others = [flip for item in parts.others for flip in _flips(item, scope)]
    # Before what is late comes, the rest may well change: the whole does not.
    waiting = parts.open(parts.late, scope)
    found += others if waiting is None else [_while(waiting, flip) for flip in others]
    ats = [flip.at for flip in found if flip.at is not None]
    days = [flip.day for flip in found if flip.day is not None]
    return Flip(
        soonest(scope.dialect, *ats) if ats else None,
        _soonest(scope.dialect, days, literal(_LAST_DAY, Date)) if days else None,
        parts.open(parts.settling, scope),
    )


def _while(test: ColumnElement[bool], flip: Flip) -> Flip:
    """Only for those for whom that holds."""
    at, day = (None if one is None else case((test, one)) for one in (flip.at, flip.day))
    return Flip(at, day)


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a condition is now and when next to look at it, of those for whom `among` holds.

    For all others it does not hold, and time alone does not change that.
    """

    among: ColumnElement[bool] | None
    holds: ColumnElement[bool]
    flip: Flip


def prospect(condition: facts.Condition, scope: Scope) -> Prospect:
    """Both answers at once: what settles them is asked once."""
    parts = _TimedParts.of(condition)
    if not parts.whole or not parts.settling:
        return Prospect(None, compiled(condition, scope), next_flip(condition, scope))
    flip = guarded_flip(condition, scope)
    left = [item for item in (*parts.late, *parts.others) if item not in parts.settling]
    return Prospect(flip.guard, compiled(facts.All(tuple(left)), scope), Flip(flip.at, flip.day))


def soonest(dialect: str, *instants: Any) -> ColumnElement[Any]:
    """The earliest of these, those missing aside."""
    return _soonest(dialect, list(instants), literal(_NEVER, BigInteger))


def _soonest(dialect: str, items: list[Any], never: ColumnElement[Any]) -> ColumnElement[Any]:
    if len(items) == 1:
        only: ColumnElement[Any] = items[0]
        return only
    if dialect == "postgresql":
        least: ColumnElement[Any] = func.least(*items)
        return least
    found = func.min(*(func.coalesce(item, never) for item in items))
    return func.nullif(found, never, type_=never.type)


def _flips(node: facts.Condition, scope: Scope) -> Iterator[Flip]:
    match node:
        case facts.All() | facts.AnyOf():
            flip = next_flip(node, scope)
            if flip.at is not None or flip.day is not None:
                yield flip
        case facts.Not(item) | facts.Leaf(_, item):
            yield from _flips(item, scope)
        case facts.Happened(wanted, times):
            yield from _window(wanted, scope, last=times <= 1)
        case facts.Birthday():
            yield Flip(None, _birthday(node, scope))
        case facts.Compare(left, comparator, right):
            yield from _operand(left, node, scope)
            yield from _operand(right, facts.Compare(right, _SEEN_FROM[comparator], left), scope)


@dataclass(frozen=True, slots=True)
class _TimedParts:
    """The items of a condition, by what time may do to the whole through each."""

    #: Whether all must hold, or one.
    whole: bool
    #: What settles the answer, for as long as no event comes: nobody then looks at the clock.
    settling: Sequence[facts.Condition]
    #: What has to come before the others matter, and those others that time may change.
    late: Sequence[facts.Condition]
    others: Sequence[facts.Condition]

    @classmethod
    def of(cls, condition: facts.Condition) -> "_TimedParts":
        while isinstance(condition, facts.Leaf):
            condition = condition.condition
        if not isinstance(condition, facts.All | facts.AnyOf):
            return cls(True, (), (), (condition,))
        whole = isinstance(condition, facts.All)
        timed = [item for item in condition.items if facts.timed(item)]
        settling = [item for item in condition.items if item not in timed]
        if len(timed) == 1:
            return cls(whole, settling, (), timed)
        gone, to_come = (Trend.ENDS, Trend.BEGINS) if whole else (Trend.BEGINS, Trend.ENDS)
        late = [item for item in timed if trend(item) is to_come]
        settling += [item for item in timed if trend(item) is gone]
        return cls(whole, settling, late, [item for item in timed if item not in late])

    def open(self, items: Sequence[facts.Condition], scope: Scope) -> ColumnElement[bool] | None:
        """Whether these leave the answer open; None when there are none."""
        if not items:
            return None
        if self.whole:
            return compiled(facts.All(tuple(items)), scope)
        return not_(compiled(facts.AnyOf(tuple(items)), scope))


#: The same comparison with its sides exchanged.
_SEEN_FROM = {
    Comparator.GREATER: Comparator.LESS,
    Comparator.AT_LEAST: Comparator.AT_MOST,
    Comparator.EQUAL: Comparator.EQUAL,
    Comparator.DIFFERENT: Comparator.DIFFERENT,
    Comparator.AT_MOST: Comparator.AT_LEAST,
    Comparator.LESS: Comparator.GREATER,
}


def _operand(operand: facts.Operand, within: facts.Compare, scope: Scope) -> Iterator[Flip]:
    """What the left side of a comparison brings."""
    match operand:
        case facts.MinutesSince(of):
            yield from _elapsed(within, of, scope)
        case facts.Count(wanted) | facts.LastDay(wanted):
            yield from _window(wanted, scope, last=isinstance(operand, facts.LastDay))
        case facts.Total(several):
            for wanted in several:
                yield from _window(wanted, scope, last=False)
        case facts.Age(field):
            yield Flip(None, _age(field, within, scope))
        case facts.DaysUntil():
            yield Flip(None, _countdown(operand, within, scope))
        case facts.LastVisitLength():
            yield Flip(elapsed.next_change(visit_over(scope), Comparator.EQUAL), None)


def _window(wanted: facts.Events, scope: Scope, *, last: bool) -> Iterator[Flip]:
    """When the oldest of « les N derniers jours » leaves them; the newest, if one is enough."""
    if not isinstance(wanted.since, facts.SinceAgo):
        return
    found = tally(wanted, scope)
    one = found.last_at if last else found.first_at
    yield Flip(one + literal(span_ago(wanted.since) + 1, BigInteger), None)


def _elapsed(within: facts.Compare, of: facts.Field | facts.Events, scope: Scope) -> Iterator[Flip]:
    at = elapsed.instants(within, scope, operand_of)
    if at is not None:
        yield Flip(at, None)
    if isinstance(of, facts.Events):
        yield from _window(of, scope, last=True)
        return
    span = parameters.span_of(within.right)
    if span is None:
        yield Flip(None, _in_days(literal(1, Integer), scope))
        return
    # Far from it, no instant is known yet: looked at again about a day before.
    days = operand_of(facts.DaysUntil(of), scope) + literal(span // DAY - 1, Integer)
    far = column_of_field(of, scope) > parameters.next_days(span)[-1][0]
    yield Flip(None, case((far, _in_days(days, scope))))


def _countdown(operand: facts.DaysUntil, within: facts.Compare, scope: Scope) -> ColumnElement[Any]:
    """« dans N jours » comes true on one day and ends on the next."""
    other, comparator = within.right, within.comparator
    value = as_type(other.value, None) if isinstance(other, facts.Literal) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 2 * _FAR:
        if value is None or isinstance(value, bool | str):
            return _in_days(literal(1, Integer), scope)
        return cast(null(), Date)
    left = operand_of(operand, scope) - literal(int(value // 1), Integer)
    if value == int(value) and comparator in (Comparator.GREATER, Comparator.AT_MOST):
        return _in_days(left, scope)
    if value == int(value) and comparator in (Comparator.LESS, Comparator.AT_LEAST):
        return _in_days(left + 1, scope)
    return _in_days(case((left > 0, left), else_=left + 1), scope)


def _age(field: facts.Field, within: facts.Compare, scope: Scope) -> ColumnElement[Any]:
    """The birthday that matters, or the next one."""
    value = as_type(within.right.value, None) if isinstance(within.right, facts.Literal) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        return _next_age(field, scope)
    if not 0 <= value < _OLDEST:
        return cast(null(), Date)
    born = column_of_field(field, scope)
    year = year_of(born, scope) + literal(int(value), Integer)
    reached, after = (_days_to(year + more, born, scope) for more in (0, 1))
    # Most are past it: their year alone tells.
    recent = year >= parameters.YEAR - 1
    if within.comparator in (Comparator.AT_LEAST, Comparator.LESS):
        days: ColumnElement[Any] = reached
    elif within.comparator in (Comparator.GREATER, Comparator.AT_MOST):
        days = after
    else:
        days = case((reached > 0, reached), else_=after)
    return case((recent, _in_days(days, scope)))


def _next_age(field: facts.Field, scope: Scope) -> ColumnElement[Any]:
    """The next birthday, 1 March for those born on 29 February in common years."""
    born = column_of_field(field, scope)
    later = case((month_day(born, scope) > parameters.MONTH_DAY, 0), else_=1)
    return _in_days(_days_to(parameters.YEAR + later, born, scope), scope)


def _birthday(node: facts.Birthday, scope: Scope) -> ColumnElement[Any]:
    """The next anniversary, that many days later; tomorrow when it is today."""
    born = column_of_field(node.field, scope)
    key = month_day(born, scope)
    today, also = parameters.birthdays(node.days)
    later = case((key > today, 0), else_=1)
    days = _days_to(parameters.birthday_year(node.days) + later, born, scope) + node.days
    near = case((key.in_([today, also]), 1), (days < 1, 1), else_=days)
    return case((born.is_not(None), _in_days(near, scope)))


def _days_to(year: Any, born: ColumnElement[Any], scope: Scope) -> ColumnElement[int]:
    """Days from today to that day of that year; the 29th is counted from the first of the month."""
    month, day = extract("month", born), extract("day", born)
    if scope.dialect == "sqlite":
        first = func.printf("%04d-%02d-01", year, month)
        return cast(func.julianday(first) - func.julianday(parameters.TODAY), Integer) + day - 1
    whole = cast(func.make_date(cast(year, Integer), cast(month, Integer), 1), Date)
    return cast(whole - parameters.TODAY, Integer) + cast(day, Integer) - 1


def _in_days(days: ColumnElement[Any], scope: Scope) -> ColumnElement[Any]:
    """The date so many days from today; missing when it is not to come."""
    then: ColumnElement[Any]
    if scope.dialect == "sqlite":
        then = func.date(cast(parameters.TODAY, Text), func.printf("%+d days", days), type_=Date)
    else:
        then = cast(parameters.TODAY + days, Date)
    return case((days.between(1, _FAR), then))
