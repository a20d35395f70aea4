"""A column that SQLite is not to seek rows by: it cannot know how few a tick has.

PostgreSQL counts them, and is given the column itself: where leads are spread over nodes, two tables
stand together only for who joins them by their columns as they are.
"""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Unsought(FunctionElement[int]):
    """A number of one of the tables of a tick, compared with that of a table that grows."""

    type = BigInteger()
    inherit_cache = True


@compiles(Unsought)
def _as_it_is(element: Unsought, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(Unsought, "sqlite")
def _on_sqlite(element: Unsought, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} + 0"
