"""The versions that leads may enter, or are still in."""

import gc
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, delete, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.engine.owner import LISTS
from server.engine.tick import Tick
from server.store.schema.campaigns import (
    campaigns,
    edges,
    enrolments,
    flips,
    notings,
    schedules,
    takings,
    versions,
)
from server.store.schema.counters import counter_changes, counters

_CURRENT = campaigns.c.version_id == versions.c.id


@contextmanager
def lasting() -> Iterator[None]:
    """While much is made that stays: nobody looks again and again whether it has become garbage."""
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looks:
            gc.enable()


def _counted() -> Select[Any]:
    """The versions whose counters of those inside are not at nothing, campaign by campaign."""
    all_ = select(campaigns.c.id)
    kept, added = (
        select(one.version_id, one.n).where(one.campaign_id.in_(all_), one.kind == "inside")
        for one in (counters.c, counter_changes.c)
    )
    each = kept.union_all(added).subquery("each")
    return select(each.c.version_id).group_by(each.c.version_id).having(func.sum(each.c.n) > 0)


#: The versions that somebody is in, in the words of the index that holds them.
_INSIDE = select(enrolments.c.version_id).where(text("enrolments.active")).distinct()
_COUNTED = _counted()


async def inside(tick: Tick) -> frozenset[int]:
    """The versions that somebody is in, before what this transaction moves.

    Read off the counters where they are kept: it costs the same for a million people as for none.
    """
    found = _INSIDE if tick.counted is None else _COUNTED
    return frozenset((await tick.conn.execute(found)).scalars())


async def forget_gone(tick: Tick, inside: Collection[int]) -> None:
    """Nobody asks any more who was where for versions that nobody is in, nor when to look."""
    live = those(inside).with_only_columns(versions.c.id)
    watched, noted = flips.c.owner, edges.c.version_id
    await tick.conn.execute(delete(flips).where(watched > LISTS, watched.not_in(live)))
    # Who was where when a campaign stopped is asked when it runs again, by a version to come.
    stopped = select(campaigns.c.followed_to).where(
        ~campaigns.c.runs, campaigns.c.followed_to.is_not(None)
    )
    taken = select(notings.c.former_version).where(notings.c.former_version.is_not(None))
    gone = (noted > LISTS, noted.not_in(live), noted.not_in(stopped), noted.not_in(taken))
    await tick.conn.execute(delete(edges).where(*gone))


def live_versions() -> Select[Any]:
    """The versions that are current, or still have leads in them."""
    return those(select(enrolments.c.version_id).where(enrolments.c.active).distinct())


async def inhabited(conn: AsyncConnection, inside: frozenset[int] | None = None) -> frozenset[int]:
    """Those that have leads in them, or are about to.

    `inside`: the former, when they are known; else those people, who may be a million, are gone through.
    """
    midway = select(schedules.c.version_id).where(
        schedules.c.version_id > LISTS, schedules.c.after_lead.is_not(None)
    )
    if inside is None:
        inside = frozenset((await conn.execute(_INSIDE)).scalars())
    about = midway.union(select(takings.c.version_id))
    return inside.union((await conn.execute(about)).scalars())


def those(inhabited: Collection[int] | Select[Any]) -> Select[Any]:
    """The versions that are current, or among the inhabited ones."""
    return _joined().where(or_(_CURRENT & campaigns.c.present, versions.c.id.in_(inhabited)))


def those_that_run(inhabited: Collection[int]) -> Select[Any]:
    """The same, with those of campaigns that are to begin or stop.

    The project may no longer have them, nor anybody be in them: their messages wait all the same.
    """
    turning = campaigns.c.runs != (campaigns.c.state == "active")
    here = (_CURRENT & (campaigns.c.present | turning), versions.c.id.in_(inhabited))
    return _joined().where(or_(*here))


def _joined() -> Select[Any]:
    return select(
        versions.c.id,
        versions.c.campaign_id,
        versions.c.program,
        campaigns.c.key,
        (_CURRENT & campaigns.c.present).label("open"),
        _CURRENT.label("current"),
        campaigns.c.state,
        campaigns.c.state_at,
        campaigns.c.runs,
        campaigns.c.followed_to,
    ).join_from(versions, campaigns, campaigns.c.id == versions.c.campaign_id)
