"""What was published last, read from the store as the engine runs it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Program
from dsl.program_codec import from_json
from server.engine.goals import stored as goals
from server.engine.index import Index
from server.engine.life import journal
from server.engine.life.lifecycle import Lifecycle, Lifecycles
from server.engine.life.state import State
from server.engine.lists import declared
from server.engine.lists.dynamic_list import DynamicList, open_to_new
from server.engine.publication.live import inhabited, lasting, those_that_run
from server.engine.published import Published
from server.engine.rules import stored
from server.engine.transfer import transfers
from server.engine.triggers.notings import marked
from server.engine.version import Version
from server.store.calendar import zone_named
from server.store.instants import Micros
from server.store.schema.campaigns import transitions, versions
from server.store.schema.rules import publications

_NUMBER = select(func.coalesce(func.max(publications.c.number), 0))
_UNDER_WAY = select(transitions.c.campaign_id, transitions.c.phase)


#: The states in which a campaign runs, or may run again with those who are in it.
_LIVE = (State.ACTIVE, State.PAUSED)


async def latest(
    conn: AsyncConnection,
    zone: ZoneInfo,
    known: Mapping[int, Program],
    now: Micros,
    people: frozenset[int] | None = None,
) -> Published:
    """The last publication, as it runs at that instant.

    `known`: programs that need not be read; `people`: all versions that somebody may be in, beside
    those that are current, when it is known: they need not be looked for among a million.
    """
    if people is None:
        people = await inhabited(conn)
    coming = await transfers.destinations(conn)
    people |= coming
    rows = (await conn.execute(those_that_run(people).order_by(versions.c.campaign_id))).all()
    lists = await declared.read(conn, zone)
    phases = {row.campaign_id: row.phase for row in await conn.execute(_UNDER_WAY)}
    number = await journal.last(conn)
    # Of ten thousand campaigns this takes seconds, for which nobody who posts a form waits.
    found = await asyncio.to_thread(_found, rows, people, lists, zone, known, phases, now)
    return Published(
        await conn.scalar(_NUMBER) or 0,
        found[1],
        lists,
        await stored.read(conn),
        await declared.unbuilt(conn),
        frozenset(await marked(conn)),
        replace(
            found[0],
            under_way=bool(phases or coming),
            number=number,
        ),
        await goals.read(conn),
    )


def _found(
    rows: Sequence[Any],
    people: frozenset[int],
    lists: Sequence[DynamicList],
    zone: ZoneInfo,
    known: Mapping[int, Program],
    phases: Mapping[int, str],
    now: Micros,
) -> tuple[Lifecycles, Index]:
    with lasting():
        by_campaign = groupby(rows, key=attrgetter("campaign_id"))
        lifecycles = Lifecycles(
            tuple(_lifecycle(list(mine), zone, known, phases) for _, mine in by_campaign),
            now,
            # Of those that ran until now, the current version may have let somebody in since.
            people
            | {row.id for row in rows if row.open and (row.runs or row.campaign_id in phases)},
        )
        return lifecycles, Index(lifecycles.running, open_to_new(lists))


def _lifecycle(
    rows: Sequence[Any],
    zone: ZoneInfo,
    known: Mapping[int, Program],
    phases: Mapping[int, str],
) -> Lifecycle:
    one = rows[0]
    state = State(one.state)
    live = [_version(row, zone, known.get(row.id)) for row in rows if state in _LIVE]
    current = {row.id for row in rows if row.current}
    return Lifecycle(
        one.campaign_id,
        state,
        one.state_at,
        bool(one.runs),
        one.followed_to,
        next((each for each in live if each.id in current), None),
        tuple(live),
        phases.get(one.campaign_id),
    )


def _version(row: Any, zone: ZoneInfo, known: Program | None) -> Version:
    program = known or from_json(row.program)
    own = zone_named(program.zone) or zone
    return Version(row.id, row.campaign_id, row.key, program, own, bool(row.open))
