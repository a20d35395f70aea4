"""Where a value of a person's may stand: every column of every table, every file of a folder."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import JSON, LargeBinary, String, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.schema.metadata import metadata
from server.store.store import Store


async def held_in_tables(store: Store, values: frozenset[str]) -> set[tuple[str, str, str]]:
    """(table, column, value) of those that a text, binary or JSON column holds, in any letters."""
    async with store.read() as conn:
        return {one async for one in _held(conn, store, values)}


async def _held(
    conn: AsyncConnection, store: Store, values: frozenset[str]
) -> "Iterator[tuple[str, str, str]]":
    tables = {**metadata.tables, "leads": store.fields.table}
    for name, table in tables.items():
        columns = [
            one for one in table.c if isinstance(one.type, String | Text | JSON | LargeBinary)
        ]
        if not columns:
            continue
        for row in await conn.execute(select(*columns)):
            for column, cell in zip(columns, row, strict=True):
                for value in values:
                    if value.lower() in _readable(cell):
                        yield name, column.name, value


def _readable(cell: object) -> str:
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace").lower()
    return str(cell or "").encode().decode("unicode_escape", "ignore").lower() + str(cell).lower()


def held_in_files(folder: Path, values: frozenset[str]) -> set[tuple[str, str]]:
    """(file, value) of those that the bytes of a file hold, wherever they stand in it."""
    found = set()
    for path in folder.rglob("*"):
        data = path.read_bytes().lower() if path.is_file() else b""
        found |= {(path.name, value) for value in values if value.lower().encode() in data}
    return found
