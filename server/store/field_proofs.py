"""How surely each field of a lead is known, and since when, as it is stored.

A lead's own row says it of what the lead was made with; a row of `field_proofs`, of a field told since.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import leads
from server.store.bulk import insert_rows
from server.store.instants import Micros

_MADE = ("created_at", "proof", "told_at")
_KEPT = "ON CONFLICT (lead_id, field) DO UPDATE SET proof = excluded.proof, at = excluded.at"


class Sure(NamedTuple):
    """How surely something is known (`relance.proof`), and since when."""

    proof: int
    at: Micros


class ProvenRow(NamedTuple):
    """The columns of a lead that were asked for, and what is known of their truth."""

    values: Mapping[str, Any]
    made: Sure
    since: Mapping[str, Sure]

    def sure(self, column: str) -> Sure:
        """How surely that column is known."""
        return self.since.get(column, self.made)


async def read(
    conn: AsyncConnection, table: Table, ids: Iterable[int], columns: Sequence[str]
) -> dict[int, ProvenRow]:
    """Those columns of those leads."""
    asked = list(ids)
    rows = await leads.read(conn, table, asked, [*columns, *_MADE])
    since: dict[int, dict[str, Sure]] = {lead: {} for lead in rows}
    if any(name != "f_courriel" for name in columns):
        query = text(
            "SELECT lead_id, field, proof, at FROM field_proofs "  # noqa: S608
            f"WHERE lead_id IN {leads.among(conn.dialect.name, 'ids')}"
        )
        for lead, name, proof, at in await conn.execute(query, {"ids": json.dumps(asked)}):
            since[lead][name] = Sure(proof, at)
    found: dict[int, ProvenRow] = {}
    for lead, row in rows.items():
        as_of = row["told_at"]
        made = Sure(row["proof"], row["created_at"] if as_of is None else as_of)
        found[lead] = ProvenRow(row, made, since[lead])
    return found


async def write(conn: AsyncConnection, sure: Mapping[tuple[int, str], Sure]) -> None:
    """Keep how surely fields are known, by (lead, column)."""
    rows = [(*of, *found) for of, found in sure.items()]
    await insert_rows(conn, "field_proofs", ("lead_id", "field", "proof", "at"), rows, _KEPT)
