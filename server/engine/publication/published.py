"""What is published, read from the store as the engine runs it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Program
from dsl.program_codec import from_json
from server.engine.index import Index
from server.engine.lists import declared
from server.engine.lists.dynamic_list import DynamicList
from server.engine.publication.live import lasting, live_versions
from server.engine.version import Version
from server.engine.wake import zone_named

NOTHING: Mapping[int, Program] = {}


async def published(conn: AsyncConnection, zone: ZoneInfo, known: Mapping[int, Program]) -> Index:
    """The live versions and the lists. `known`: programs at hand, by version, not decoded again."""
    rows = (await conn.execute(live_versions())).all()
    lists = await declared.read(conn, zone)
    # Of ten thousand campaigns this takes seconds, for which nobody who posts a form waits.
    return await asyncio.to_thread(_indexed, rows, lists, zone, known)


def _indexed(
    rows: Sequence[Any],
    lists: Sequence[DynamicList],
    zone: ZoneInfo,
    known: Mapping[int, Program],
) -> Index:
    with lasting():
        return Index([_version(row, zone, known.get(row.id)) for row in rows], lists)


def _version(row: Any, zone: ZoneInfo, known: Program | None) -> Version:
    program = known or from_json(row.program)
    own = zone_named(program.zone) or zone
    return Version(row.id, row.campaign_id, row.key, program, own, bool(row.open))
