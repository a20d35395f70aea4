"""Event patterns as SQL over the events table (or the batch of arrivals), on both stores."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import FromClause

from relance.events import EventPattern, PropertyTest
from relance.fold import key_of
from relance.values import Amount, Comparator, Percentage, Value
from server.store.properties import FORMER_UNTIL, former_key, property_key
from server.store.schema.server import server_settings
from server.store.search import folded, search_key

_OPERATORS = {
    Comparator.GREATER: "__gt__",
    Comparator.AT_LEAST: "__ge__",
    Comparator.EQUAL: "__eq__",
    Comparator.DIFFERENT: "__ne__",
    Comparator.AT_MOST: "__le__",
    Comparator.LESS: "__lt__",
}
#: No longer: PostgreSQL refuses numbers that no double can hold, and longer repetitions.
_NUMERIC = r"^[+-]?[0-9]{1,255}(\.[0-9]{1,255})?$"


def compared(
    left: ColumnElement[Any], comparator: Comparator, right: ColumnElement[Any]
) -> ColumnElement[bool]:
    """`left comparator right`; NULL when either is missing."""
    found: ColumnElement[bool] = getattr(left, _OPERATORS[comparator])(right)
    return found


def wildcard_key(text: str) -> str:
    """A name holding `*`, folded as names are, its stars kept."""
    if text.strip().startswith("/") or "://" in text:
        return text.strip()
    return "*".join(key_of(part) for part in text.split("*"))


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%")


def _named(text: str, key: ColumnElement[Any]) -> ColumnElement[bool]:
    if "*" in text:
        return key.like(_like(wildcard_key(text)), escape="\\")
    return key == key_of(text)


def matches(pattern: EventPattern, row: FromClause, dialect: str) -> ColumnElement[bool]:
    """Whether an event is one of those the pattern stands for."""
    tests: list[ColumnElement[bool]] = [row.c.type == pattern.type]
    if pattern.subject is not None and pattern.subject.strip() != "*":
        text = pattern.subject.strip()
        address = row.c.address
        tests.append(
            or_(
                _named(text, row.c.subject_key),
                address.like(_like(text), escape="\\") if "*" in text else address == text,
            )
        )
    if pattern.context is not None and pattern.context.strip() != "*":
        tests.append(_named(pattern.context, row.c.context_key))
    tests.extend(_property(test, row, dialect) for test in pattern.properties)
    return and_(*tests) if len(tests) > 1 else tests[0]


def _property(test: PropertyTest, row: FromClause, dialect: str) -> ColumnElement[bool]:
    text = property_text(test.name, row, dialect)
    number = _plain(test.value)
    if isinstance(number, Decimal):
        return compared(_number_of(text, dialect), test.comparator, literal(float(number), Double))
    if isinstance(number, bool):
        number = "true" if number else "false"
    return compared(folded(text), test.comparator, literal(search_key(str(number)), Text))


def number_in(name: str, row: FromClause, dialect: str) -> ColumnElement[float]:
    """The number an event's property writes; NULL when it is none."""
    return _number_of(property_text(name, row, dialect), dialect)


def property_text(name: str, row: FromClause, dialect: str) -> ColumnElement[Any]:
    """What an event says under that name: what comes from the world has keys, what plugins report
    keeps the names they gave, what was received long ago its former key."""
    key, former = property_key(name), former_key(name)
    found = _text_of(key, row.c.properties, dialect)
    if key != name:
        found = func.coalesce(found, _text_of(name, row.c.properties, dialect))
    if former and former != key:
        last = cast(server_settings.c.value, BigInteger)
        until = select(last).where(server_settings.c.name == FORMER_UNTIL).scalar_subquery()
        was = _text_of(former, row.c.properties, dialect)
        found = func.coalesce(found, case((row.c.id <= until, was)))
    return found


def _plain(value: Value) -> Decimal | bool | str:
    if isinstance(value, Amount | Percentage):
        return value.value
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return Decimal(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _text_of(name: str, properties: ColumnElement[Any], dialect: str) -> ColumnElement[str]:
    if dialect == "postgresql":
        found: ColumnElement[str] = cast(properties, JSONB)[name].astext
        return found
    path = '$."' + name.replace('"', "") + '"'
    kind = func.json_type(properties, path)
    value = cast(func.json_extract(properties, path), Text)
    return case((kind == "true", "true"), (kind == "false", "false"), else_=value)


def _number_of(text: ColumnElement[str], dialect: str) -> ColumnElement[float]:
    """The number a text writes, NULL when it is none."""
    if dialect == "postgresql":
        return case((text.regexp_match(_NUMERIC), cast(text, Double)))
    looks = func.json_valid(text) & func.json_type(text).in_(["integer", "real"])
    return case((and_(true(), looks), cast(text, Double)))
