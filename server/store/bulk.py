"""Many rows inserted by one statement.

SQLite's driver lets go of the interpreter's lock at each step of a statement and takes it again, a
row at a time in an `executemany`: two hundred rows are two hundred turns to wait for while the
event loop works. Rows that travel as one JSON array are inserted in a single step.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
#: What JSON brings through unchanged; SQLite may round the last digit of a number with a point.
_EXACT = frozenset({str, int, bool, type(None)})


async def insert_rows(
    conn: AsyncConnection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    conflict: str = "",
) -> None:
    """Insert `rows`, each in the order of `columns` (names of ours, never of a user's)."""
    if not rows:
        return
    if conn.dialect.name == "sqlite" and all(
        type(value) in _EXACT for row in rows for value in row
    ):
        statement = _from_json(table, tuple(columns), conflict)
        await conn.exec_driver_sql(statement, (_written(rows),))
    else:
        statement = _row_by_row(conn.dialect.name, table, tuple(columns), conflict)
        await conn.exec_driver_sql(statement, list(rows))


@lru_cache(maxsize=512)
def _from_json(table: str, columns: tuple[str, ...], conflict: str) -> str:
    values = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(columns)))
    # « WHERE true » keeps SQLite from reading « ON CONFLICT » as a join.
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608
        f"SELECT {values} FROM json_each(?) WHERE true {conflict}"
    )


@lru_cache(maxsize=512)
def _row_by_row(dialect: str, table: str, columns: tuple[str, ...], conflict: str) -> str:
    places = ("?" if dialect == "sqlite" else f"${n}" for n in range(1, len(columns) + 1))
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608
        f"VALUES ({', '.join(places)}) {conflict}"
    )
