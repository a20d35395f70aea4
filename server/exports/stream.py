"""Leads as CSV, made as it is read: what is handed to a browser is never whole in memory."""

import asyncio
import csv
from collections.abc import AsyncIterator, Sequence
from io import StringIO

from server.exports.leads import LeadSource, Wanted, pages
from server.spreadsheet import Cell, as_text

_MARK = "\ufeff"


async def csv_parts(source: LeadSource, wish: Wanted, separator: str = ";") -> AsyncIterator[bytes]:
    """The heading, then a page of leads after the other."""
    yield _written([wish.heading], separator, _MARK)
    async for rows in pages(source, wish):
        yield await asyncio.to_thread(_written, rows, separator)


def _written(rows: Sequence[Sequence[Cell]], separator: str, mark: str = "") -> bytes:
    out = StringIO(newline="")
    out.write(mark)
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    for row in rows:
        writer.writerow([as_text(cell) for cell in row])
    return out.getvalue().encode()
