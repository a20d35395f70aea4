"""Verifies a condition of a scenario, with the compiler that the engine uses."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from relance.facts import Condition
from server.engine.conditions import Scope, compiled, leaves_json
from server.engine.moment import Moment
from server.reports.leaves import leaf_lines
from server.store.instants import to_micros
from server.store.store import Store


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it holds, and what each of its phrases was found to be."""

    holds: bool
    found: tuple[str, ...]


async def verify(
    store: Store, condition: Condition, lead_id: int, now: datetime, zone: ZoneInfo
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
