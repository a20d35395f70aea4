"""Leads as the intake meets them: found by identity, created, read and changed by batches.

Each function is one statement for a whole batch. Lists of values travel as one JSON parameter,
so that the text of a statement never depends on how many there are.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, Dialect, Table, bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.bulk import insert_alike, insert_rows
from server.store.fields import FieldCatalogue
from server.store.instants import Micros
from server.store.schema.leads import identities


def among(dialect: str, bind: str, kind: str = "BIGINT") -> str:
    """The rows of a JSON array bound as `:bind`, as a subquery of one column."""
    if dialect == "sqlite":
        return f"(SELECT value FROM json_each(:{bind}))"  # noqa: S608 — names of ours
    return (
        f"(SELECT CAST(value AS {kind}) "  # noqa: S608
        f"FROM json_array_elements_text(CAST(:{bind} AS JSON)))"
    )


#: What every form asks, written for the driver itself: nothing is left to build each time.
_OWNERS = {
    "sqlite": (
        "SELECT value, lead_id, proof FROM identities "
        "WHERE kind = ? AND value IN (SELECT value FROM json_each(?))"
    ),
    "postgresql": (
        "SELECT value, lead_id, proof FROM identities "
        "WHERE kind = $1 AND value IN (SELECT json_array_elements_text(CAST($2::text AS JSON)))"
    ),
}


async def serialize_intake(conn: AsyncConnection) -> None:
    """Let nobody else create leads and identities meanwhile (on SQLite the writer is alone)."""
    if conn.dialect.name == "postgresql":
        await conn.exec_driver_sql("SELECT pg_advisory_xact_lock(7236519)")


async def share_intake(conn: AsyncConnection) -> None:
    """Create leads and identities beside others who do only that: nobody's lead becomes another's."""
    await conn.exec_driver_sql("SELECT pg_advisory_xact_lock_shared(7236519)")


async def hold(conn: AsyncConnection, leads: Iterable[int]) -> None:
    """Let no other who holds them write of these leads meanwhile; on PostgreSQL."""
    query = text(
        f"SELECT id FROM leads WHERE id IN {among(conn.dialect.name, 'ids')} "  # noqa: S608
        "ORDER BY id FOR NO KEY UPDATE"
    )
    await conn.execute(query, {"ids": json.dumps(sorted(leads))})


class Owned(NamedTuple):
    """Whose an identity is, and how surely (`relance.proof`)."""

    lead_id: int
    proof: int


async def owners(
    conn: AsyncConnection, wanted: Mapping[str, Sequence[str]]
) -> dict[tuple[str, str], Owned]:
    """Which lead each identity belongs to, by (kind, value)."""
    found: dict[tuple[str, str], Owned] = {}
    for kind, values in wanted.items():
        bound = (kind, json.dumps(values))
        rows: Sequence[Any] = (await conn.exec_driver_sql(_OWNERS[conn.dialect.name], bound)).all()
        found.update({(kind, row[0]): Owned(row[1], row[2]) for row in rows})
    return found


async def known_identities(
    conn: AsyncConnection, leads: Iterable[int]
) -> dict[int, dict[tuple[str, str], int]]:
    """The e-mails and phones of those leads, and how surely they are theirs."""
    held: dict[int, dict[tuple[str, str], int]] = {lead: {} for lead in leads}
    if held:
        inside = among(conn.dialect.name, "ids")
        query = text(
            "SELECT lead_id, kind, value, proof FROM identities "  # noqa: S608
            f"WHERE lead_id IN {inside} AND kind IN ('email', 'phone')"
        )
        rows = await conn.execute(query, {"ids": json.dumps(list(held))})
        for lead_id, kind, value, proof in rows:
            held[lead_id][kind, value] = proof
    return held


async def survivors(conn: AsyncConnection, leads: Iterable[int]) -> dict[int, int]:
    """The lead each of these stands for now that some were merged.

    The unknown are left out, as are those who were forgotten (merged into nobody).
    """
    now = {lead: lead for lead in leads}
    asked, known = set(now), {}
    query = text(
        f"SELECT id, merged_into FROM leads WHERE id IN {among(conn.dialect.name, 'ids')}"  # noqa: S608
    )
    while asked:
        rows = (await conn.execute(query, {"ids": json.dumps(list(asked))})).all()
        known.update({row.id: row.merged_into for row in rows})
        asked = {row.merged_into for row in rows if row.merged_into is not None} - set(known)
    ends = {lead: _end(lead, known) for lead in now}
    return {lead: end for lead, end in ends.items() if end in known}


def _end(lead: int, merged: Mapping[int, int | None]) -> int:
    while (further := merged.get(lead)) is not None:
        lead = further
    return lead


async def born(conn: AsyncConnection, leads: Iterable[int]) -> dict[int, Micros]:
    """Since when each of those leads is there, those whose browser takes notifications left out."""
    query = text(
        "SELECT id, created_at FROM leads "  # noqa: S608
        f"WHERE id IN {among(conn.dialect.name, 'ids')} "
        "AND NOT EXISTS (SELECT 1 FROM attached WHERE attached.lead_id = leads.id)"
    )
    rows = await conn.execute(query, {"ids": json.dumps(list(leads))})
    return {row.id: row.created_at for row in rows}


async def new_ids(conn: AsyncConnection, count: int) -> list[int]:
    """Ids for `count` new leads."""
    if conn.dialect.name == "sqlite":
        result = await conn.exec_driver_sql("SELECT coalesce(max(id), 0) FROM leads")
        last: int = result.scalar_one()
        return list(range(last + 1, last + 1 + count))
    rows = await conn.execute(
        text(
            "SELECT nextval(pg_get_serial_sequence('leads', 'id')) "
            "FROM generate_series(1, CAST(:count AS INTEGER))"
        ),
        {"count": count},
    )
    return [row[0] for row in rows]


class Made(NamedTuple):
    """What a lead is made with: how surely it is so, and as of when (None: now)."""

    proof: int
    as_of: Micros | None = None


async def create(
    conn: AsyncConnection,
    table: Table,
    rows: Mapping[int, Mapping[str, object]],
    now: Micros,
    made: Mapping[int, Made],
) -> None:
    """Insert leads, their fields given by column."""
    for columns, ids in _by_columns(rows).items():
        written = [_writer(table.c[name], conn.dialect) for name in columns]
        await insert_rows(
            conn,
            "leads",
            ("id", "created_at", "proof", "told_at", *columns),
            [
                (lead, now, *made[lead], *_values(map(rows[lead].__getitem__, columns), written))
                for lead in ids
            ],
        )


async def create_alike(
    conn: AsyncConnection,
    table: Table,
    ids: Sequence[int],
    fields: Mapping[str, Sequence[object]],
    now: Micros,
    proof: int,
    as_of: Sequence[Micros | None],
) -> None:
    """Insert leads made as surely, given the same columns: each, by lead in the order of `ids`."""
    given = {"told_at": as_of} | {
        name: _all_written(values, _writer(table.c[name], conn.dialect))
        for name, values in fields.items()
    }
    filled = {
        name: values for name, values in given.items() if any(one is not None for one in values)
    }
    shared = {"created_at": now, "proof": proof}
    await insert_alike(conn, table, shared, {"id": ids, **filled})


def _all_written(values: Sequence[object], write: Callable[[Any], Any] | None) -> Sequence[object]:
    """The values of a column as the driver wants them: each that differs is written once."""
    if write is None:
        return values
    written = {one: one if one is None else write(one) for one in set(values)}
    return [written[one] for one in values]


def _values(
    given: Iterable[object], written: Sequence[Callable[[Any], Any] | None]
) -> Iterable[object]:
    """Those values as the driver wants them."""
    if not any(written):
        return given
    return [
        value if write is None or value is None else write(value)
        for write, value in zip(written, given, strict=True)
    ]


def _writer(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """How the driver wants a value of that column; None: as it is."""
    return column.type.dialect_impl(dialect).bind_processor(dialect)


async def read(
    conn: AsyncConnection, table: Table, leads: Iterable[int], columns: Sequence[str]
) -> dict[int, Mapping[str, Any]]:
    """The values of `columns`, by lead, then by column; leads that are not there are left out."""
    inside = text(f"id IN {among(conn.dialect.name, 'ids')}")
    query = select(table.c.id, *(table.c[name] for name in columns)).where(inside)
    rows = await conn.execute(query, {"ids": json.dumps(list(leads))})
    return {row["id"]: dict(row) for row in rows.mappings()}


async def known_of(
    conn: AsyncConnection, catalogue: FieldCatalogue, asked: Collection[int]
) -> dict[int, Mapping[str, Any]]:
    """The fields of each by name, of the lead it was merged into if it was; the unknown are left out."""
    now = await survivors(conn, asked)
    columns = [known.column.name for known in catalogue]
    rows = await read(conn, catalogue.table, set(now.values()), columns)
    return {
        lead: {known.name: rows[end][known.column.name] for known in catalogue}
        for lead, end in now.items()
    }


async def change(
    conn: AsyncConnection, table: Table, rows: Mapping[int, Mapping[str, object]]
) -> None:
    """Write fields of known leads."""
    for columns, ids in _by_columns(rows).items():
        statement = (
            update(table)
            .where(table.c.id == bindparam("lead"))
            .values({name: bindparam(f"new_{name}") for name in columns})
        )
        await conn.execute(
            statement,
            [
                {"lead": lead, **{f"new_{name}": rows[lead][name] for name in columns}}
                for lead in ids
            ],
        )


def _by_columns(rows: Mapping[int, Mapping[str, object]]) -> dict[tuple[str, ...], list[int]]:
    """The leads grouped by which columns they are given, so that each group is one statement."""
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for lead, values in rows.items():
        groups[tuple(sorted(values))].append(lead)
    return groups


_CLAIMED = (
    "ON CONFLICT (kind, value) DO UPDATE SET lead_id = excluded.lead_id, proof = excluded.proof"
)


async def claim_alike(
    conn: AsyncConnection, kind: str, proof: int, owners: Mapping[str, int]
) -> None:
    """Give identities of one kind, by value, to leads they are as surely, whoever had them."""
    values = sorted(owners)
    given: dict[str, Sequence[object]] = {
        "value": values,
        "lead_id": [owners[one] for one in values],
    }
    await insert_alike(conn, identities, {"kind": kind, "proof": proof}, given, _CLAIMED)


async def claim(
    conn: AsyncConnection, claimed: Mapping[tuple[str, str], Owned], *, anew: bool = False
) -> None:
    """Give identities to leads, whoever had them; `anew`: nobody had, or it fails."""
    rows = [(kind, value, *owned) for (kind, value), owned in sorted(claimed.items())]
    conflict = "" if anew else _CLAIMED
    await insert_rows(conn, "identities", ("kind", "value", "lead_id", "proof"), rows, conflict)
