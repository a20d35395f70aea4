"""An array of JSON, as text, made by a store of the values of a row.

PostgreSQL's own function says of itself that it depends on settings, since it takes values of any
type; nodes among which leads are spread refuse such a function where they change rows. Ours takes
numbers, words, truths and days, which depend on none, and writes the same array.
"""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Date, Float, Integer, Numeric, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class JsonArray(FunctionElement[str]):
    """« [1, "x", null] » of these values; those that are such arrays stand in it as arrays."""

    type = Text()
    inherit_cache = True


@compiles(JsonArray)
def _on_sqlite(element: JsonArray, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **options)})"


@compiles(JsonArray, "postgresql")
def _on_postgresql(element: JsonArray, compiler: SQLCompiler, **options: Any) -> str:
    items = (_item(each, compiler, options) for each in element.clauses)
    return "('[' || " + " || ', ' || ".join(items) + " || ']')"


def _item(value: ColumnElement[Any], compiler: SQLCompiler, options: dict[str, Any]) -> str:
    said = compiler.process(value, **options)
    if isinstance(value, JsonArray):
        return said
    match value.type:
        case Integer() | Numeric() | Float() | Boolean():
            return f"coalesce(CAST({said} AS TEXT), 'null')"
        case Date():
            return f"coalesce('\"' || {iso_day(said)} || '\"', 'null')"
    return f"CAST(json_object(ARRAY['v'], ARRAY[CAST({said} AS TEXT)]) -> 'v' AS TEXT)"


def iso_day(day: str) -> str:
    """The text of a day on PostgreSQL, « 2026-11-30 », whatever its settings."""
    parts = (("YEAR", 4), ("MONTH", 2), ("DAY", 2))
    return " || '-' || ".join(
        f"lpad(CAST(CAST(extract({part} FROM {day}) AS INTEGER) AS TEXT), {width}, '0')"
        for part, width in parts
    )
