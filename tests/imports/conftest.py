"""A file written, brought in, and looked at in the store."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from relance.testing import VirtualClock
from server.imports import ledger
from server.imports.opening import open_sheet
from server.imports.order import ImportOrder, mark_of
from server.imports.people import People
from server.imports.run import Import
from server.imports.upsert import UpsertTally
from server.plugins import load_plugins
from server.store.store import Store

CHANNELS = load_plugins().glossary.channels


class Desk:
    """Brings files in."""

    def __init__(self, store: Store, clock: VirtualClock, folder: Path) -> None:
        self.store, self.clock, self.folder = store, clock, folder
        self.mark = ""

    async def bring(self, content: str | Path, batch: int = 3, **order: Any) -> UpsertTally:
        path = content if isinstance(content, Path) else self.folder / "leads.csv"
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        asked = ImportOrder(**order)
        self.mark = mark_of(path, asked)
        sheet = open_sheet(path)
        try:
            people = People(sheet.heading.names, self.store.fields, asked, "CA", channels=CHANNELS)
            work = Import(self.store, self.clock, sheet, people, heard=asked.heard, batch=batch)
            return await work.run(self.mark, path.name)
        finally:
            sheet.close()

    async def rejects(self) -> dict[int, str]:
        async with self.store.read() as conn:
            progress = await ledger.find(conn, self.mark)
            assert progress is not None
            found = await ledger.rejects(conn, progress.id, -1, 1_000)
        return {one.line: one.reason for one in found}

    async def rows(self, query: str, **values: Any) -> Sequence[Any]:
        async with self.store.read() as conn:
            return [tuple(row) for row in await conn.execute(text(query), values)]

    async def do(self, statement: str, **values: Any) -> None:
        async with self.store.write() as conn:
            await conn.execute(text(statement), values)


@pytest.fixture
def desk(store: Store, clock: VirtualClock, tmp_path: Path) -> Desk:
    return Desk(store, clock, tmp_path)
