"""What was published last, read from the store as the engine runs it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Program
from dsl.program_codec import from_json
from server.engine.index import Index
from server.engine.life.state import State
from server.engine.lists import declared
from server.engine.lists.dynamic_list import DynamicList, open_to_new
from server.engine.publication.live import lasting, live_versions
from server.engine.published import Published
from server.engine.rules import stored
from server.engine.triggers.notings import marked
from server.engine.version import Version
from server.engine.wake import zone_named
from server.store.schema.rules import publications

_NUMBER = select(func.coalesce(func.max(publications.c.number), 0))


async def latest(conn: AsyncConnection, zone: ZoneInfo, known: Mapping[int, Program]) -> Published:
    """The last publication. `known`: programs that need not be read, by version."""
    rows = (await conn.execute(live_versions())).all()
    lists = await declared.read(conn, zone)
    return Published(
        await conn.scalar(_NUMBER) or 0,
        # Of ten thousand campaigns this takes seconds, for which nobody who posts a form waits.
        await asyncio.to_thread(_indexed, rows, lists, zone, known),
        lists,
        await stored.read(conn),
        await declared.unbuilt(conn),
        frozenset(await marked(conn)),
    )


def _indexed(
    rows: Sequence[Any],
    lists: Sequence[DynamicList],
    zone: ZoneInfo,
    known: Mapping[int, Program],
) -> Index:
    with lasting():
        runs = [row for row in rows if row.state == State.ACTIVE]
        versions = [_version(row, zone, known.get(row.id)) for row in runs]
        return Index(versions, open_to_new(lists))


def _version(row: Any, zone: ZoneInfo, known: Program | None) -> Version:
    program = known or from_json(row.program)
    own = zone_named(program.zone) or zone
    return Version(row.id, row.campaign_id, row.key, program, own, bool(row.open))
