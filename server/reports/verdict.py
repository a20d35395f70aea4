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

from dsl.program import Program, Step
from relance.facts import Condition, InList, Not, signed_leaves
from relance.fold import key_of
from server.engine.conditions.conditions import compiled
from server.engine.conditions.leaves import leaves_json
from server.engine.conditions.scope import Scope
from server.engine.parameters import ZonedInstant
from server.reports.glossary import Glossary
from server.reports.leaves import LeafLine, leaf_lines
from server.store.fields import FieldCatalogue
from server.store.instants import to_micros
from server.store.schema.campaigns import enrolments


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
    found: tuple[LeafLine, ...]


@dataclass(frozen=True, slots=True)
class WithinStay:
    """The stay of a lead in a campaign, which « depuis l’entrée » and « dès que » look back to."""

    campaign_id: int
    entry: int
    program: Program

    @property
    def steps(self) -> Mapping[str, int]:
        """The statement that marks each step, by folded name."""
        found = enumerate(self.program.statements)
        return {key_of(one.name): at for at, one in found if isinstance(one, Step)}


async def verify(
    store: Askable,
    condition: Condition,
    lead_id: int,
    now: datetime,
    zone: ZoneInfo,
    glossary: Glossary,
    lists: Mapping[str, Condition] = MappingProxyType({}),
    stay: WithinStay | None = None,
) -> Verdict:
    """Ask the condition about one lead, as things stand.

    `lists`: what dynamic lists ask, by folded name, in the words of the rules (the store keeps
    none): each phrase of one that the condition names is told too, as « faux » alone would not
    say which of them fails. `stay`: the one it is asked within.
    """
    row = await _asked(store, condition, lead_id, now, zone, stay)
    holds, found = bool(row.truth), list(leaf_lines((condition,), row.leaves, zone, glossary))
    for name in dict.fromkeys(_lists(condition)):
        if (asked := lists.get(key_of(name))) is not None:
            row = await _asked(store, asked, lead_id, now, zone, None)
            lines = leaf_lines((asked,), row.leaves, zone, glossary)
            found += [line.within(f"liste ({name})") for line in lines]
    return Verdict(holds, tuple(found))


async def _asked(
    store: Askable,
    condition: Condition,
    lead_id: int,
    now: datetime,
    zone: ZoneInfo,
    stay: WithinStay | None,
) -> Any:
    leads = store.fields.table
    scope = Scope(store.dialect, store.fields, zone, leads.c.id, in_tick=False)
    here: list[Any] = [leads.c.id == lead_id]
    if stay is not None:
        scope = scope.of(
            enrolment=enrolments, steps=stay.steps, stays_by=stay.program.reentry_property
        )
        here += [
            enrolments.c.lead_id == leads.c.id,
            enrolments.c.campaign_id == stay.campaign_id,
            enrolments.c.entry == stay.entry,
        ]
    query = select(
        compiled(condition, scope).label("truth"), leaves_json((condition,), scope).label("leaves")
    ).where(*here)
    names = frozenset(query.compile().params)
    zoned = ZonedInstant(to_micros(now), zone)
    async with store.read() as conn:
        return (await conn.execute(query, zoned.parameters(names))).one()


def _lists(condition: Condition) -> Iterator[str]:
    """The lists a condition asks the lead to be on: of one it is not to be on, no part fails."""
    for leaf, denied in signed_leaves(condition):
        asked = leaf.condition
        while isinstance(asked, Not):
            asked, denied = asked.item, not denied
        if isinstance(asked, InList) and not denied:
            yield asked.name
