"""What a base on PostgreSQL holds, table by table, and where it would stand were leads spread over nodes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.placement import Placement, placed, spread_by

#: In which order tables are spread: what others are joined with first.
_ORDER = (Placement.EVERYWHERE, Placement.BY_LEAD, Placement.BY_KEY, Placement.APART)
#: Rows as PostgreSQL last counted them; -1 where it never did.
_SIZES = text(
    "SELECT relname, CAST(reltuples AS BIGINT), pg_total_relation_size(oid) FROM pg_class "
    "WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) "
    "AND relkind = 'r'"
)
_CITUS = text("SELECT extversion FROM pg_extension WHERE extname = 'citus'")
_LEADS = text("SELECT count(*) FROM leads")


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table. `column`: what its rows would be spread by; `rows`: about how many, None if never
    counted; `octets`: with its indexes."""

    name: str
    placement: Placement
    column: str | None
    rows: int | None
    octets: int


@dataclass(frozen=True, slots=True)
class SpreadPlan:
    """`citus`: the version of the extension in this base; None where it is not."""

    leads: int
    citus: str | None
    tables: Sequence[StoredTable]

    @property
    def octets(self) -> int:
        """What the base takes, indexes included."""
        return sum(one.octets for one in self.tables)


async def spread_plan(conn: AsyncConnection) -> SpreadPlan:
    """Read it, in the order in which it would be done."""
    found = {name: (rows, octets) for name, rows, octets in await conn.execute(_SIZES)}
    tables = [
        StoredTable(
            table.name,
            where,
            spread_by(table),
            rows if rows >= 0 else None,
            octets,
        )
        for where in _ORDER
        for table in placed(where)
        for rows, octets in [found[table.name]]
    ]
    known = next(one.rows for one in tables if one.name == "leads")
    leads = (await conn.scalar(_LEADS) or 0) if known is None else known
    return SpreadPlan(leads, await conn.scalar(_CITUS), tables)
