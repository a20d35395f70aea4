"""The values conditions compare, as SQL: fields, scores, counts, spans of time."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    case,
    cast,
    extract,
    func,
    literal,
    select,
)

from relance import facts
from relance.fold import key_of
from server.engine import parameters
from server.engine.conditions import totals
from server.engine.conditions.literals import as_type
from server.engine.conditions.scope import Scope
from server.engine.conditions.tallies import last_seen, tally
from server.engine.conditions.visits import OPERANDS as OF_VISITS
from server.store.fields import FieldColumn
from server.store.instants import MINUTE
from server.store.schema.rules import interests


def field_of(wanted: facts.Field, scope: Scope) -> FieldColumn:
    """The column that keeps a field, and its type."""
    found = scope.fields.get(wanted.name)
    if found is None:
        raise LookupError(f"no such field: {wanted.name}")
    return found


def column_of_field(wanted: facts.Field, scope: Scope) -> ColumnElement[Any]:
    """A field of the lead."""
    return field_of(wanted, scope).column


def interest_of(lead_id: ColumnElement[int], topic: str) -> ColumnElement[int]:
    """A lead's interest in a topic, 0 when nothing was said of it."""
    mine = interests.alias()
    value = select(mine.c.value).where(mine.c.lead_id == lead_id, mine.c.topic_key == key_of(topic))
    return func.coalesce(value.correlate_except(mine).scalar_subquery(), 0)


def operand_of(operand: facts.Operand, scope: Scope) -> ColumnElement[Any]:
    """One side of a comparison."""
    return _OPERANDS[type(operand)](operand, scope)


def _minutes_since(operand: facts.MinutesSince, scope: Scope) -> ColumnElement[Any]:
    if isinstance(operand.of, facts.Events):
        return (parameters.NOW - last_seen(operand.of, scope)) // literal(MINUTE, BigInteger)
    return parameters.MINUTES - _days_until(operand.of, scope) * literal(1440, BigInteger)


def _age(operand: facts.Age, scope: Scope) -> ColumnElement[Any]:
    born = column_of_field(operand.field, scope)
    not_yet = case((month_day(born, scope) > parameters.MONTH_DAY, 1), else_=0)
    return parameters.YEAR - year_of(born, scope) - not_yet


def _days_until(of: facts.Field | date, scope: Scope) -> ColumnElement[int]:
    day = literal(of) if isinstance(of, date) else column_of_field(of, scope)
    if scope.dialect == "sqlite":
        return cast(func.julianday(day) - func.julianday(parameters.TODAY), Integer)
    return cast(day - parameters.TODAY, Integer)


def year_of(day: ColumnElement[Any], scope: Scope) -> ColumnElement[int]:
    """The year of a date; SQLite keeps dates as they are written, and reading them takes longer."""
    if scope.dialect == "sqlite":
        return cast(func.substr(cast(day, Text), 1, 4), Integer)
    return cast(extract("year", day), Integer)


def month_day(day: ColumnElement[Any], scope: Scope) -> ColumnElement[str]:
    """A date as « MM-DD »."""
    if scope.dialect == "sqlite":
        return func.substr(cast(day, Text), 6, 5)
    # Of a day itself, it depends on no setting; `to_char` says that it may.
    month, number = (
        func.lpad(cast(cast(extract(part, day), Integer), Text), 2, "0", type_=Text())
        for part in ("month", "day")
    )
    return month + literal("-", Text) + number


_OPERANDS: Mapping[type, Callable[[Any, Scope], ColumnElement[Any]]] = {
    facts.Field: column_of_field,
    facts.Score: lambda _, scope: scope.fields.table.c.score,
    facts.Interest: lambda operand, scope: interest_of(scope.lead_id, operand.topic),
    facts.Count: lambda operand, scope: tally(operand.events, scope).count,
    facts.Total: totals.total_shown,
    facts.MinutesSince: _minutes_since,
    facts.Age: _age,
    facts.DaysUntil: lambda operand, scope: _days_until(operand.field, scope),
    facts.Literal: lambda operand, _: literal(as_type(operand.value, None)),
    **OF_VISITS,
}
