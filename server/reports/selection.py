"""The leads for whom a condition holds, the latest first: looked for a part at a time, within a bound.

The condition is compiled by the engine's own compiler, so that who is found here is who a list of
that condition would take. What it costs to look at one lead is the condition's; how many are looked
at before an answer is ours.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.facts import Condition
from server.engine.conditions.conditions import compiled
from server.engine.conditions.scope import Scope
from server.engine.parameters import ZonedInstant
from server.reports.finding import PAGE, FoundLeads, lines_of
from server.reports.ledger import Readable
from server.store.fields import FieldCatalogue
from server.store.instants import to_micros
from server.store.schema.leads import leads

#: Leads looked at by the first statement, then by at most how many; how long a page looks, in seconds.
_FIRST, _LARGEST, _SECONDS = 1_000, 50_000, 0.025
#: Leads of which those that answer are gathered by one statement.
_GATHERED = 10_000


class Unanswerable(Exception):
    """The base cannot tell yet: it does not know something that the condition asks about."""


@dataclass(frozen=True, slots=True)
class LeadSelection:
    """A condition, as of one instant."""

    condition: Condition
    fields: FieldCatalogue
    now: datetime
    zone: ZoneInfo

    async def page(self, conn: AsyncConnection, before: int | None = None) -> FoundLeads:
        """Those of a page; where it stops short, `looked` says how many were looked at.

        Raises `Unanswerable`.
        """
        top = before if before is not None else await _last(conn) + 1
        start, began, span = top, monotonic(), _FIRST
        found: list[int] = []
        while top > 1 and len(found) <= PAGE:
            low = max(1, top - span)
            found += await self._within(conn, low, top, PAGE + 1 - len(found))
            top, span = low, min(span * 2, _LARGEST)
            if monotonic() - began > _SECONDS:
                break
        rows = await lines_of(conn, found[:PAGE])
        if len(found) > PAGE:
            return FoundLeads(rows, found[PAGE - 1])
        return FoundLeads(rows, top, start - top) if top > 1 else FoundLeads(rows)

    async def everybody(self, store: Readable, most: int) -> AsyncIterator[Sequence[int]]:
        """All of them, part by part, each part a reading of its own; `most` and no more.

        Raises `Unanswerable`.
        """
        async with store.read() as conn:
            top = await _last(conn) + 1
        left = most
        while top > 1 and left > 0:
            low = max(1, top - _GATHERED)
            async with store.read() as conn:
                found = await self._within(conn, low, top, left)
            top, left = low, left - len(found)
            if found:
                yield found

    async def _within(self, conn: AsyncConnection, low: int, top: int, most: int) -> list[int]:
        """Those from `low` to below `top`, `most` at most."""
        table = self.fields.table
        scope = Scope(conn.dialect.name, self.fields, self.zone, table.c.id, in_tick=False)
        try:
            test = compiled(self.condition, scope)
        except LookupError as unknown:
            raise Unanswerable(str(unknown)) from unknown
        query = (
            select(table.c.id)
            .where(table.c.id >= low, table.c.id < top, table.c.merged_into.is_(None), test)
            .order_by(table.c.id.desc())
            .limit(most)
        )
        names = frozenset(query.compile(dialect=conn.dialect).params)
        zoned: Any = ZonedInstant(to_micros(self.now), self.zone).parameters(names)
        return list(await conn.scalars(query, zoned))


async def _last(conn: AsyncConnection) -> int:
    return await conn.scalar(select(func.max(leads.c.id))) or 0
