"""Many rows inserted by few statements.

SQLite's driver lets go of the interpreter's lock at each step of a statement and takes it again, a
row at a time in an `executemany`: two hundred rows are two hundred turns to wait for while the
event loop works. So rows go many to a statement, in a few sizes that the driver keeps prepared.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Dialect, String, Table
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
        for place in _places(len(rows), min(_MOST, _VALUES // len(names))):
            part = rows[place]
            statement = _together(table, names, len(part), conflict)
            await conn.exec_driver_sql(statement, tuple(chain.from_iterable(part)))
    else:
        await conn.exec_driver_sql(_row_by_row(table, names, conflict), list(rows))


async def insert_alike(
    conn: AsyncConnection,
    table: Table,
    shared: Mapping[str, object],
    columns: Mapping[str, Sequence[object]],
    conflict: str = "",
) -> None:
    """Insert a row for each place of `columns`, all with the values `shared` besides, by column.

    Names are ours, and values what the driver takes.
    """
    names, common = (*shared, *columns), tuple(shared.values())
    if conn.dialect.name == "sqlite":
        count = len(next(iter(columns.values())))
        for place in _places(count, min(_MOST, _VALUES // len(names))):
            part = zip(*(column[place] for column in columns.values()), strict=True)
            statement = _beside(table.name, names, len(shared), place.stop - place.start, conflict)
            await conn.exec_driver_sql(statement, (*common, *chain.from_iterable(part)))
    else:
        types = tuple(_type(table, name, conn.dialect) for name in names)
        statement = _from_arrays(table.name, names, len(shared), types, conflict)
        await conn.exec_driver_sql(statement, (*common, *map(list, columns.values())))


def _places(count: int, most: int) -> Iterator[slice]:
    """Where the rows of each statement stand."""
    start = 0
    while left := min(most, count - start):
        size = left if left <= _ANY else 1 << (left.bit_length() - 1)
        yield slice(start, start + size)
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


@lru_cache(maxsize=512)
def _beside(table: str, names: tuple[str, ...], shared: int, count: int, conflict: str) -> str:
    row = f"({', '.join('?' * (len(names) - shared))})"
    return (
        f"INSERT INTO {table} ({', '.join(names)}) "  # noqa: S608
        f"SELECT {'?, ' * shared}* FROM (VALUES {', '.join([row] * count)}) WHERE true {conflict}"
    )


@lru_cache(maxsize=512)
def _from_arrays(
    table: str, names: tuple[str, ...], shared: int, types: tuple[str, ...], conflict: str
) -> str:
    values = [f"CAST(${n} AS {type_})" for n, type_ in enumerate(types[:shared], 1)]
    arrays = (f"CAST(${n} AS {type_}[])" for n, type_ in enumerate(types[shared:], shared + 1))
    return (
        f"INSERT INTO {table} ({', '.join(names)}) "  # noqa: S608
        f"SELECT {', '.join([*values, 'given.*'])} FROM unnest({', '.join(arrays)}) AS given {conflict}"
    )


def _type(table: Table, column: str, dialect: Dialect) -> str:
    """What PostgreSQL calls the type of a column; a length is the column's own to refuse."""
    type_ = table.c[column].type
    return "TEXT" if isinstance(type_, String) else type_.compile(dialect)
