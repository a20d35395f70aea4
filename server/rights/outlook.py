"""What forgetting a person would do, in figures."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.report import CellType, Column, Columns, Report, report
from server.rights.holdings import HOLDINGS
from server.rights.person import KnownPerson
from server.store.leads import among
from server.store.schema.metadata import metadata


class HeldRows(NamedTuple):
    """Rows about a person, and what becomes of them."""

    title: str
    rows: int
    fate: str


async def held_rows(conn: AsyncConnection, person: KnownPerson) -> Sequence[HeldRows]:
    """What is held of her, kind by kind."""
    found: dict[tuple[str, str], int] = {}
    for one in HOLDINGS:
        table = metadata.tables[one.table]
        fate = (
            "effacées" if one.blanked is None else "comptées encore, vidées de ce qui dit qui c’est"
        )
        for name in one.leads:
            hers = text(f"{one.table}.{name} IN {among(conn.dialect.name, 'ids')}")
            query = select(func.count()).select_from(table).where(hers)
            count = await conn.scalar(query, {"ids": person.numbers}) or 0
            found[one.title, fate] = found.get((one.title, fate), 0) + count
    return [HeldRows(title, count, fate) for (title, fate), count in found.items() if count]


_COLUMNS: Columns[HeldRows] = {
    Column("Quoi", "quoi"): lambda one: one.title,
    Column("Lignes", "lignes", CellType.COUNT): lambda one: one.rows,
    Column("Deviendront", "deviendront"): lambda one: one.fate,
}


def outlook_report(lead: int, rows: Sequence[HeldRows], notes: Sequence[str]) -> Report:
    """What would become of all that is known of the lead."""
    title = f"Ce qui serait oublié du lead n° {lead}"
    return report(title, _COLUMNS, rows, empty="Il ne reste que sa fiche.", notes=notes)
