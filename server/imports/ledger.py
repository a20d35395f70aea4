"""Where each import stands, written by the transaction that settles its rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.imports.people import Reject
from server.imports.upsert import UpsertTally
from server.store.bulk import insert_rows
from server.store.instants import Micros
from server.store.schema.server import import_rejects, imports

RUNNING, DONE, FAILED = "running", "done", "failed"
_LONGEST_PROBLEM = 4_000


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """One import, as it stands."""

    id: int
    state: str
    row: int
    share: float
    tally: UpsertTally
    started_at: Micros
    finished_at: Micros | None
    problem: str | None
    name: str = ""
    #: The names of its columns; none of one from before they were kept.
    heading: tuple[str, ...] = ()
    key: str = ""


async def latest(conn: AsyncConnection, most: int) -> Sequence[ImportProgress]:
    """The imports begun last, the last first."""
    query = select(imports).order_by(imports.c.id.desc()).limit(most)
    return [_progress(row) for row in await conn.execute(query)]


async def head(conn: AsyncConnection, mark: str, names: Sequence[str]) -> None:
    """Keep what its columns are called: its file is gone by the time its refused rows are asked for."""
    said = json.dumps(list(names), ensure_ascii=False)
    await conn.execute(update(imports).where(imports.c.key == mark).values(heading=said))


async def find(conn: AsyncConnection, mark: str) -> ImportProgress | None:
    """The import of that mark, if it was ever begun."""
    row = (await conn.execute(select(imports).where(imports.c.key == mark))).first()
    return None if row is None else _progress(row)


def _progress(row: Any) -> ImportProgress:
    tally = UpsertTally(row.created, row.updated, row.unchanged, row.rejected)
    return ImportProgress(
        row.id,
        row.state,
        row.row,
        row.share / 1_000,
        tally,
        row.started_at,
        row.finished_at,
        row.problem,
        row.name,
        tuple(json.loads(row.heading or "[]")),
        row.key,
    )


async def begin(conn: AsyncConnection, mark: str, name: str, now: Micros) -> ImportProgress:
    """The import of that mark, begun now unless it was before."""
    known = await find(conn, mark)
    if known is None:
        values = {
            "key": mark,
            "name": name,
            "state": RUNNING,
            "started_at": now,
            **dict.fromkeys(("row", "share", "created", "updated", "unchanged", "rejected"), 0),
        }
        await conn.execute(insert(imports).values(values))
    elif known.state == FAILED:
        again = update(imports).where(imports.c.id == known.id)
        await conn.execute(again.values(state=RUNNING, problem=None, finished_at=None))
    found = await find(conn, mark)
    if found is None:
        raise RuntimeError("an import begun is not there")
    return found


async def advance(
    conn: AsyncConnection,
    number: int,
    row: int,
    share: float,
    tally: UpsertTally,
    rejects: Sequence[Reject],
) -> None:
    """Rows up to `row` are settled; `tally` counts all of them."""
    await conn.execute(
        update(imports)
        .where(imports.c.id == number)
        .values(
            row=row,
            share=int(share * 1_000),
            created=tally.created,
            updated=tally.updated,
            unchanged=tally.unchanged,
            rejected=tally.rejected,
        )
    )
    kept = [(number, one.line, one.reason, one.cells) for one in rejects]
    columns = ("import_id", "line", "reason", "cells")
    await insert_rows(conn, "import_rejects", columns, kept, "ON CONFLICT DO NOTHING")


async def finish(conn: AsyncConnection, number: int, now: Micros) -> None:
    """Every row is settled."""
    done = update(imports).where(imports.c.id == number)
    await conn.execute(done.values(state=DONE, share=1_000, finished_at=now))


async def fail(conn: AsyncConnection, mark: str, problem: str, now: Micros) -> None:
    """The file cannot be read further."""
    failed = update(imports).where(imports.c.key == mark)
    shown = problem[:_LONGEST_PROBLEM]  # it may name every column of the file
    await conn.execute(failed.values(state=FAILED, problem=shown, finished_at=now))


async def forget(conn: AsyncConnection, mark: str) -> None:
    """Have the file taken from its beginning again."""
    known = await find(conn, mark)
    if known is not None:
        await conn.execute(delete(import_rejects).where(import_rejects.c.import_id == known.id))
        await conn.execute(delete(imports).where(imports.c.id == known.id))


async def rejects(conn: AsyncConnection, number: int, after: int, most: int) -> Sequence[Reject]:
    """The rows refused below line `after`, in order."""
    rows = import_rejects.c
    query = (
        select(rows.line, rows.reason, rows.cells)
        .where(rows.import_id == number, rows.line > after)
        .order_by(rows.line)
        .limit(most)
    )
    return [Reject(*row) for row in await conn.execute(query)]
