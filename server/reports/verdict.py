"""What a condition is for one lead as things stand, asked of the compiler that the engine uses."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.facts import Condition, InList, Not, leaves
from relance.fold import key_of
from server.engine.conditions.conditions import compiled
from server.engine.conditions.leaves import leaves_json
from server.engine.conditions.scope import Scope
from server.engine.parameters import ZonedInstant
from server.reports.glossary import Glossary
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
    store: Askable,
    condition: Condition,
    lead_id: int,
    now: datetime,
    zone: ZoneInfo,
    glossary: Glossary,
    lists: Mapping[str, Condition] = MappingProxyType({}),
) -> Verdict:
    """Ask the condition about one lead, as things stand.

    `lists`: what dynamic lists ask, by folded name, in the words of the rules (the store keeps
    none): each phrase of one that the condition names is told too, as « faux » alone would not
    say which of them fails.
    """
    row = await _asked(store, condition, lead_id, now, zone)
    holds, found = bool(row.truth), list(leaf_lines((condition,), row.leaves, zone, glossary))
    for name in dict.fromkeys(_lists(condition)):
        if (asked := lists.get(key_of(name))) is not None:
            row = await _asked(store, asked, lead_id, now, zone)
            lines = leaf_lines((asked,), row.leaves, zone, glossary)
            found += [f"liste ({name}) : {line}" for line in lines]
    return Verdict(holds, tuple(found))


async def _asked(
    store: Askable, condition: Condition, lead_id: int, now: datetime, zone: ZoneInfo
) -> Any:
    leads = store.fields.table
    scope = Scope(store.dialect, store.fields, zone, leads.c.id, in_tick=False)
    query = select(
        compiled(condition, scope).label("truth"), leaves_json((condition,), scope).label("leaves")
    ).where(leads.c.id == lead_id)
    names = frozenset(query.compile().params)
    zoned = ZonedInstant(to_micros(now), zone)
    async with store.read() as conn:
        return (await conn.execute(query, zoned.parameters(names))).one()


def _lists(condition: Condition) -> Iterator[str]:
    """The lists a condition asks about."""
    for leaf in leaves(condition):
        asked = leaf.condition
        while isinstance(asked, Not):
            asked = asked.item
        if isinstance(asked, InList):
            yield asked.name
