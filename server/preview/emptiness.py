"""What a message says of people that some of them lack: how many of the latest would read a hole."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.field_types import CHOICE, MULTIPLE, TEXT
from relance.templates.holes import holes_of
from relance.variable import bare, variable
from server.store.fields import FieldCatalogue

#: Whose fields are looked at, the latest come: the question costs the same whatever their number.
LOOKED_AT = 5_000
_ADDRESS, _LOOKED = "_address", "_looked"


@dataclass(frozen=True, slots=True)
class EmptyVariable:
    """A field that is written as it is, and how many lack it, of how many looked at."""

    name: str
    line: int
    lacking: int
    looked: int


async def empty_variables(
    conn: AsyncConnection, fields: FieldCatalogue, source: str, address: str | None
) -> Sequence[EmptyVariable]:
    """Those of that text that some lack, among those who have an address there."""
    spoken = holes_of(source)
    asked = {
        one.column.name: (one, line)
        for one in fields
        for name, line in spoken.items()
        if name in (variable(one.name), bare(one.name))
    }
    if not asked:
        return []
    table, texts = fields.table, {TEXT, CHOICE, MULTIPLE}
    query = select(*(table.c[name] for name in asked)).order_by(table.c.id.desc())
    reached = next((one for one in fields if one.name == address), None)
    if reached is not None:
        query = query.add_columns(table.c[reached.column.name].label(_ADDRESS))
    latest = query.limit(LOOKED_AT).subquery()
    counts = [func.count().label(_LOOKED)]
    for name, (one, _) in asked.items():
        column = latest.c[name]
        empty = or_(column.is_(None), column == "") if one.type in texts else column.is_(None)
        counts.append(func.count().filter(empty).label(name))
    whole = select(*counts)
    if reached is not None:
        whole = whole.where(latest.c[_ADDRESS].is_not(None))
    row = (await conn.execute(whole)).mappings().one()
    found = (
        EmptyVariable(one.name, line, row[name], row[_LOOKED])
        for name, (one, line) in asked.items()
    )
    return [one for one in found if one.lacking]
