"""Why a lead is not in a campaign it never entered: what the entries ask, and what is so now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dsl.program import Program, Trigger
from dsl.program_codec import from_json
from relance.events import EventPattern
from relance.facts import Condition, Events, Happened, Leaf
from relance.fold import key_of
from relance.said import Said
from server.reports.glossary import Glossary
from server.reports.leaves import LeafLine
from server.reports.verdict import Askable, verify
from server.store.schema.campaigns import campaigns, versions


@dataclass(frozen=True, slots=True)
class WayIn:
    """One way in, or what bars it, and what each of its phrases is found to be."""

    text: str
    #: Whether it bars the way, instead of opening it.
    bars: bool
    found: tuple[LeafLine, ...]


async def current_program(store: Askable, campaign: str) -> Program | None:
    """The version that now runs of a campaign; None of one that has none."""
    query = (
        select(versions.c.program)
        .join(campaigns, campaigns.c.version_id == versions.c.id)
        .where(campaigns.c.key == key_of(campaign))
    )
    async with store.read() as conn:
        stored = await conn.scalar(query)
    return None if stored is None else from_json(stored)


async def gates_of(
    store: Askable,
    campaign: str,
    lead_id: int,
    now: datetime,
    zone: ZoneInfo,
    lists: Mapping[str, Condition],
    glossary: Glossary,
) -> Sequence[WayIn]:
    """Every way into the version that now runs of a campaign, and what bars it, as things stand.

    `lists`: as `verify` takes them.
    """
    program = await current_program(store, campaign)
    if program is None:
        return ()
    place = ZoneInfo(program.zone) if program.zone else zone
    return [
        WayIn(
            glossary.said(trigger.place.said),
            trigger not in program.entries,
            await _found(store, trigger, lead_id, now, place, lists, glossary),
        )
        for trigger in (*program.entries, *program.exclusions, *program.suppressions)
    ]


async def _found(
    store: Askable,
    trigger: Trigger,
    lead_id: int,
    now: datetime,
    zone: ZoneInfo,
    lists: Mapping[str, Condition],
    glossary: Glossary,
) -> tuple[LeafLine, ...]:
    found: tuple[LeafLine, ...] = ()
    if trigger.on is not None:
        happened = Leaf(Said(_named(trigger.on, glossary)), Happened(Events(trigger.on)))
        found += (await verify(store, happened, lead_id, now, zone, glossary)).found
    if trigger.condition is not None:
        found += (await verify(store, trigger.condition, lead_id, now, zone, glossary, lists)).found
    return found


def _named(pattern: EventPattern, glossary: Glossary) -> str:
    return glossary.event(pattern.type, pattern.subject, pattern.context)
