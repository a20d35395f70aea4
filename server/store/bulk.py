"""Many rows inserted by few statements.

SQLite's driver lets go of the interpreter's lock at each step of a statement and takes it again, a
row at a time in an `executemany`: two hundred rows are two hundred turns to wait for while the
event loop works. So rows go many to a statement, in a few sizes that the driver keeps prepared.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

#: Rows a statement holds: any number up to the first, then by doubling up to the last.
_ANY, _MOST = 8, 128
#: Values a statement holds; SQLite takes 32,766.
_VALUES = 8_192


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
    names = tuple(columns)
    if conn.dialect.name == "sqlite":
        for part in _parts(rows, min(_MOST, _VALUES // len(names))):
            statement = _together(table, names, len(part), conflict)
            await conn.exec_driver_sql(statement, tuple(chain.from_iterable(part)))
    else:
        await conn.exec_driver_sql(_row_by_row(table, names, conflict), list(rows))


def _parts(rows: Sequence[tuple[Any, ...]], most: int) -> Iterator[Sequence[tuple[Any, ...]]]:
    start = 0
    while left := min(most, len(rows) - start):
        size = left if left <= _ANY else 1 << (left.bit_length() - 1)
        yield rows[start : start + size]
        start += size


@lru_cache(maxsize=512)
def _together(table: str, columns: tuple[str, ...], count: int, conflict: str) -> str:
    row = f"({', '.join('?' * len(columns))})"
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608
        f"VALUES {', '.join([row] * count)} {conflict}"
    )


@lru_cache(maxsize=512)
def _row_by_row(table: str, columns: tuple[str, ...], conflict: str) -> str:
    places = (f"${n}" for n in range(1, len(columns) + 1))
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608
        f"VALUES ({', '.join(places)}) {conflict}"
    )
