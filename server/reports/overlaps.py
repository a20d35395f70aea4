"""Campaigns that one same event would let into: nothing forbids it, and few mean it.

Told once, as one of them begins to hear it: it is new, or did not before.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Program, Trigger
from dsl.program_codec import from_json
from relance.events import EventPattern
from relance.fold import key_of
from relance.said import Said
from server.engine.publication.changes import ProjectChanges
from server.store.schema.campaigns import campaigns, versions

#: Beyond so many campaigns that change at once, nobody reads what each of them hears.
_MOST = 200
#: What tells an event from others, however it is written.
_Event: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """An event that lets into that campaign, and into these others for the same people."""

    campaign: str
    others: Sequence[str]
    said: Said


async def overlaps(
    conn: AsyncConnection, programs: Sequence[Program], changed: ProjectChanges
) -> Sequence[Overlap]:
    """Those that a publication brings, each told once of a pair of campaigns."""
    new, other = ({key_of(name) for name in names} for names in (changed.new, changed.changed))
    if not 0 < len(new | other) <= _MOST:
        return ()
    former = await _former(conn, other)
    heard: defaultdict[_Event, list[tuple[Program, Trigger]]] = defaultdict(list)
    for program in programs:
        for trigger in program.entries:
            if trigger.on is not None:
                heard[_event(trigger.on)].append((program, trigger))
    found, paired = [], set[frozenset[str]]()
    for program in programs:
        key = key_of(program.name)
        if key not in new | other:
            continue
        for trigger in program.entries:
            if trigger.on is None or _event(trigger.on) in former.get(key, ()):
                continue
            beside = [
                one.name
                for one, its in heard[_event(trigger.on)]
                if _together(program, trigger, one, its)
                and frozenset((key, key_of(one.name))) not in paired
            ]
            paired |= {frozenset((key, key_of(name))) for name in beside}
            if beside:
                found.append(
                    Overlap(program.name, tuple(dict.fromkeys(beside)), trigger.place.said)
                )
    return found


def _event(on: EventPattern) -> _Event:
    names = (key_of(text) if text is not None else None for text in (on.subject, on.context))
    return (on.type, *names, repr(on.properties))


def _together(mine: Program, trigger: Trigger, other: Program, its: Trigger) -> bool:
    """Whether who enters the one enters the other: not so where a group keeps them apart."""
    apart = mine.group is not None and mine.group == other.group
    same = key_of(mine.name) == key_of(other.name)
    return not (apart or same) and trigger.condition == its.condition


async def _former(conn: AsyncConnection, keys: Collection[str]) -> Mapping[str, set[_Event]]:
    """What lets into each of these campaigns as they run."""
    query = select(campaigns.c.key, versions.c.program).join_from(
        campaigns, versions, versions.c.id == campaigns.c.version_id
    )
    rows = await conn.execute(query.where(campaigns.c.key.in_(sorted(keys)))) if keys else ()
    return {
        row.key: {_event(one.on) for one in from_json(row.program).entries if one.on is not None}
        for row in rows
    }
