"""Publications kept whole in the store: what runs is read from here, never from a disk."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.project_files import ProjectFiles
from server.store.instants import Micros
from server.store.schema.rules import publication_files, publications
from server.store.written_with import WriteDown

#: Among what is kept of what a publication changed: how many kept their version, by campaign.
KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Decision:
    """Who had a publication made, and why. Nobody: the folder did, by being saved.

    `again`: the publication whose files are published again. `activating`: whether campaigns that
    are new begin at once; of those that wait else, `activated` (folded names) begin all the same.
    """

    who: str = ""
    note: str = ""
    again: int | None = None
    activating: bool = True
    activated: frozenset[str] = frozenset()
    #: What becomes of those inside, as it was asked: of which campaign or step, and their fate.
    fates: tuple[tuple[str, str], ...] = ()
    #: Writes the row of the audit log, when somebody gave an order.
    write_down: WriteDown | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication. `problems`: what was wrong in the draft it was made of, in French."""

    number: int
    files: ProjectFiles
    edition: str
    problems: tuple[str, ...]
    at: Micros


@dataclass(frozen=True, slots=True)
class Imprint:
    """What is kept of a publication beside its files; `changes`: names by what became of them."""

    number: int
    at: Micros
    who: str | None
    note: str | None
    again: int | None
    changes: Mapping[str, Any]


async def keep(
    conn: AsyncConnection,
    files: ProjectFiles,
    edition: str,
    problems: Sequence[str],
    now: Micros,
    decision: Decision,
    changes: Mapping[str, Any],
) -> int:
    """Keep a publication; its number. A file that an earlier one holds is kept once."""
    hashes = {name: files.mark(name) for name in files.contents}
    query = select(publication_files.c.hash).where(publication_files.c.hash.in_(hashes.values()))
    known = set((await conn.execute(query)).scalars())
    new = {hashes[name]: content for name, content in files.contents.items()}
    rows = [
        {"hash": digest, "content": zlib.compress(content)}
        for digest, content in new.items()
        if digest not in known
    ]
    if rows:
        await conn.execute(insert(publication_files), rows)
    values = {
        "files": json.dumps(hashes, ensure_ascii=False),
        "edition": edition,
        "problems": json.dumps(list(problems), ensure_ascii=False),
        "at": now,
        "who": decision.who or None,
        "note": decision.note or None,
        "again": decision.again,
        "changes": json.dumps(changes, ensure_ascii=False),
    }
    made = insert(publications).values(values).returning(publications.c.number)
    return int((await conn.execute(made)).scalar_one())


async def publication(conn: AsyncConnection, number: int | None = None) -> Publication | None:
    """The publication of that number, else the last one; None when there is none."""
    row = await _row(conn, number)
    return None if row is None else await _whole(conn, row)


async def imprints(conn: AsyncConnection, most: int) -> Sequence[Imprint]:
    """The last publications, the latest first."""
    columns = publications.c
    kept = select(
        columns.number, columns.at, columns.who, columns.note, columns.again, columns.changes
    )
    rows = await conn.execute(kept.order_by(columns.number.desc()).limit(most))
    return [Imprint(*row[:5], json.loads(row.changes or "{}")) for row in rows]


async def made_at(conn: AsyncConnection, number: int | None = None) -> tuple[int, Micros] | None:
    """Its number, and when it was made, without its files."""
    row = await _row(conn, number)
    return None if row is None else (row.number, row.at)


async def _row(conn: AsyncConnection, number: int | None) -> Any:
    last = select(func.max(publications.c.number)).scalar_subquery()
    wanted = last if number is None else number
    return (await conn.execute(select(publications).where(publications.c.number == wanted))).first()


async def _whole(conn: AsyncConnection, row: Any) -> Publication:
    hashes: dict[str, str] = json.loads(row.files)
    query = select(publication_files).where(publication_files.c.hash.in_(set(hashes.values())))
    contents = {one.hash: one.content for one in await conn.execute(query)}
    files = ProjectFiles({name: zlib.decompress(contents[one]) for name, one in hashes.items()})
    return Publication(row.number, files, row.edition, tuple(json.loads(row.problems)), row.at)
