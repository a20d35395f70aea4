"""What a condition is for one lead as things stand, asked of the compiler that the engine uses."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.facts import Condition
from server.engine.conditions.conditions import compiled
from server.engine.conditions.leaves import leaves_json
from server.engine.conditions.scope import Scope
from server.engine.moment import Moment
from server.reports.leaves import leaf_lines
from server.store.fields import FieldCatalogue
from server.store.instants import to_micros


class Askable(Protocol):
    """The store, or a read-only view of it."""

    fields: FieldCatalogue

    @property
    def dialect(self) -> str:
        """« sqlite » or « postgresql »."""

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A reading transaction."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it holds, and what each of its phrases was found to be."""

    holds: bool
    found: tuple[str, ...]


async def verify(
    store: Askable, condition: Condition, lead_id: int, now: datetime, zone: ZoneInfo
) -> Verdict:
    """Ask the condition about one lead, as things stand."""
    leads = store.fields.table
    scope = Scope(store.dialect, store.fields, zone, leads.c.id, in_tick=False)
    query = select(
        compiled(condition, scope).label("truth"), leaves_json((condition,), scope).label("leaves")
    ).where(leads.c.id == lead_id)
    names = frozenset(query.compile().params)
    moment = Moment(to_micros(now), zone)
    async with store.read() as conn:
        row = (await conn.execute(query, moment.parameters(names))).one()
    return Verdict(bool(row.truth), tuple(leaf_lines((condition,), row.leaves, zone)))
