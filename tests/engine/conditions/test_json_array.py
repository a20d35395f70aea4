"""Arrays of JSON that a store makes of the values of a row are those of PostgreSQL's own function."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Date, Float, Integer, Numeric, Text, cast, func, literal, select

from server.engine.conditions.json_array import JsonArray
from server.store.store import Store

VALUES: tuple[tuple[Any, Any], ...] = (
    (12, Integer()),
    (Decimal("3.50"), Numeric(6, 2)),
    (0.1, Float()),
    (True, Boolean()),
    (date(2026, 1, 9), Date()),
    ('dit « "oui" »\n\\ — 日本', Text()),
    (None, Integer()),
    (None, Text()),
    (None, Date()),
)


async def test_every_kind_of_value_is_written_as_the_base_itself_would(store: Store) -> None:
    own = func.json_array if store.dialect == "sqlite" else func.json_build_array
    values = [cast(literal(value, type_), type_) for value, type_ in VALUES]
    query = select(JsonArray(JsonArray(*values), values[0]))
    expected = select(cast(own(own(*values), values[0]), Text))
    async with store.read() as conn:
        assert await conn.scalar(query) == await conn.scalar(expected)
