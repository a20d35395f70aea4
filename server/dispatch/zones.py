"""The zone a message is sent in: its lead's own, else its campaign's, else the server's."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program_codec import from_json
from relance.values import Value
from server.store.calendar import zone_named
from server.store.schema.campaigns import versions

#: The lead's field.
FIELD = "fuseau"
_MOST = 5_000


class Zones:
    """Those of versions of campaigns are read once."""

    def __init__(self, default: ZoneInfo) -> None:
        self._default = default
        self._known: dict[int, ZoneInfo] = {}

    async def learn(self, conn: AsyncConnection, versions_: Collection[int]) -> None:
        """Know the zones of those versions."""
        unknown = sorted(set(versions_) - self._known.keys())
        if not unknown:
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        query = select(versions.c.id, versions.c.program).where(versions.c.id.in_(unknown))
        for number, program in await conn.execute(query):
            self._known[number] = zone_named(from_json(program).zone) or self._default

    def of(self, own: Value, version: int | None) -> ZoneInfo:
        """The zone, by what the lead's field says and the version it is in."""
        named = zone_named(own) if isinstance(own, str) else None
        if named is not None:
            return named
        return self._default if version is None else self._known.get(version, self._default)
