"""How many people a campaign that begins to run, or runs again, would let in with no more said.

Whoever fulfils a state of its entries enters as it begins; after a pause, those for whom one turned
true meanwhile. It is counted before it is decided, as a publication's are (`presence`), and outside
the transaction that decides: a million are gone through.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, union
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program_codec import from_json
from server.engine.listener import CampaignListener
from server.engine.owner import Key
from server.engine.triggers.edge import held_under
from server.engine.triggers.notings import handed_over, marked
from server.engine.triggers.takings import same_entry, state_entries, taking
from server.engine.version import Version
from server.reports.presence import counted, taken_by
from server.reports.verdict import Askable
from server.store.calendar import zone_named
from server.store.instants import to_micros
from server.store.schema.campaigns import notings, versions


async def influx(store: Askable, campaign: Any, now: datetime, zone: ZoneInfo) -> int:
    """How many would enter were it to run from now on; nobody before its period. `campaign`: its row.

    Who an exclusive group would refuse is among them. 0 where the store cannot tell.
    """
    if campaign.version_id is None or not campaign.present:
        return 0
    async with store.read() as conn:
        version = await _version(conn, campaign.version_id, campaign.key, zone)
        if version is None:
            return 0
        former = await _followed(conn, campaign, zone)
        unsure, formers = await marked(conn, ~notings.c.tells), await handed_over(conn)
        entering = [
            rows
            for listener in state_entries(version)
            if (rows := _entering(store, listener, former, unsure, formers, now)) is not None
        ]
        if not entering:
            return 0
        try:
            async with conn.begin_nested():
                return await counted(conn, union(*entering), now, version.zone)
        except (DBAPIError, LookupError):
            return 0


def _entering(
    store: Askable,
    listener: CampaignListener,
    former: Version | None,
    unsure: set[Key],
    formers: Mapping[Key, Key],
    now: datetime,
) -> Select[Any] | None:
    """Those one entry would take; None when a period is to open first, or is over."""
    planned = taking(listener, to_micros(now), None, {})
    if planned is None or planned.opening:
        return None
    before = _noted(listener, former)
    if before is None or before in unsure:
        return taken_by(store, listener, False, {})
    under = [before, formers[before]] if before in formers else [before]
    known = held_under(under, store.fields.table.c.id)
    return taken_by(store, listener, True, {}).where(~known)


def _noted(listener: CampaignListener, former: Version | None) -> Key | None:
    """Under what it is noted for whom that entry held when the campaign stopped; None when it is not."""
    if former is None:
        return None
    if listener.version.id <= former.id:
        return listener.version.id, listener.number
    number = same_entry(listener, former.program)
    return None if number is None else (former.id, number)


async def _followed(conn: AsyncConnection, campaign: Any, zone: ZoneInfo) -> Version | None:
    """The last version whose states were followed until the campaign stopped."""
    if campaign.followed_to is None:
        return None
    return await _version(conn, campaign.followed_to, campaign.key, zone)


async def _version(conn: AsyncConnection, number: int, key: str, zone: ZoneInfo) -> Version | None:
    row = (await conn.execute(select(versions).where(versions.c.id == number))).one_or_none()
    if row is None:
        return None
    program = from_json(row.program)
    own = zone_named(program.zone) or zone
    return Version(row.id, row.campaign_id, key, program, own, True)
