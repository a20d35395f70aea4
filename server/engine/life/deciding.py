"""What the team decides of a campaign: each is one transaction, whoever and however many are inside.

Deciding the same again changes nothing and is no error: an order may be done twice.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import case, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from server.engine.life import resuming
from server.engine.life.journal import Author, note
from server.engine.life.state import CampaignChange, State
from server.engine.life.transitions import read
from server.engine.tick import Tick
from server.store import binders
from server.store.schema.campaigns import (
    campaign_changes,
    campaigns,
    enrolments,
    transitions,
    versions,
)
from server.store.schema.goals import goals

#: What each decision makes of a campaign, and of which states it may be taken.
DECISIONS: Mapping[CampaignChange, tuple[frozenset[State], State]] = {
    CampaignChange.ACTIVATED: (frozenset({State.INACTIVE}), State.ACTIVE),
    CampaignChange.PAUSED: (frozenset({State.ACTIVE}), State.PAUSED),
    CampaignChange.RESUMED: (frozenset({State.PAUSED}), State.ACTIVE),
    CampaignChange.ARCHIVED: (
        frozenset({State.INACTIVE, State.ACTIVE, State.PAUSED}),
        State.ARCHIVED,
    ),
    CampaignChange.RESTORED: (frozenset({State.ARCHIVED}), State.PAUSED),
}


async def find(conn: AsyncConnection, name: str) -> Any:
    """The row of the campaign of that name; None when there is none."""
    query = select(campaigns).where(campaigns.c.key == key_of(name))
    return (await conn.execute(query)).one_or_none()


async def inside(conn: AsyncConnection, name: str) -> int:
    """How many are in it: a million are counted one by one, outside the transaction that decides."""
    query = (
        select(func.count())
        .select_from(enrolments)
        .join(campaigns, campaigns.c.id == enrolments.c.campaign_id)
        .where(campaigns.c.key == key_of(name), text("enrolments.active"))
    )
    return await conn.scalar(query) or 0


async def was_entered(conn: AsyncConnection, campaign_id: int) -> bool:
    """Whether anybody ever was in it."""
    ever = select(enrolments.c.lead_id).where(enrolments.c.campaign_id == campaign_id).limit(1)
    return await conn.scalar(ever) is not None


async def delete_unused(tick: Tick, campaign: Any, author: Author) -> None:
    """Do away with a campaign nobody ever entered; the journal keeps its name. `campaign`: its row."""
    await stop(tick.conn, campaign.id)
    details = {"name": campaign.name}
    await note(tick.conn, campaign.id, CampaignChange.DELETED, author, tick.now, details)
    mine = versions.c.campaign_id == campaign.id
    await tick.conn.execute(delete(versions).where(mine))
    await tick.conn.execute(delete(goals).where(goals.c.campaign_id == campaign.id))
    await tick.conn.execute(delete(campaigns).where(campaigns.c.id == campaign.id))
    await binders.forget(tick.conn, campaign.key)


async def was_deleted(conn: AsyncConnection, name: str) -> bool:
    """Whether a campaign of that name was done away with."""
    deleted = campaign_changes.c.kind == CampaignChange.DELETED.value
    found = await conn.scalars(select(campaign_changes.c.details).where(deleted))
    return key_of(name) in {key_of(json.loads(each)["name"]) for each in found}


async def last_change(conn: AsyncConnection, campaign_id: int) -> CampaignChange | None:
    """What was done to it last."""
    mine = campaign_changes.c.campaign_id == campaign_id
    query = select(campaign_changes.c.kind).where(mine).order_by(campaign_changes.c.id.desc())
    found = await conn.scalar(query.limit(1))
    return None if found is None else CampaignChange(found)


async def under_way(conn: AsyncConnection, campaign_id: int) -> Any:
    """What is being done to its people, part by part; None when nothing is."""
    mine = select(transitions).where(transitions.c.campaign_id == campaign_id)
    return (await conn.execute(mine)).one_or_none()


async def decide(
    tick: Tick,
    campaign_id: int,
    change: CampaignChange,
    author: Author,
    details: Mapping[str, object] | None = None,
) -> None:
    """Put it in its new state, which nothing of what was under way outlives, and say so."""
    _, state = DECISIONS[change]
    stopped = await under_way(tick.conn, campaign_id)
    if stopped is not None:
        left = {name: those for name, those in resuming.interrupted(read(stopped)).items() if those}
        details = {**(details or {}), **left} or None
    await stop(tick.conn, campaign_id)
    mine = update(campaigns).where(campaigns.c.id == campaign_id)
    # Paused while it is being resumed, it has been so since it was paused first.
    since = case((campaigns.c.state == state.value, campaigns.c.state_at), else_=tick.now)
    await tick.conn.execute(mine.values(state=state.value, state_at=since))
    await note(tick.conn, campaign_id, change, author, tick.now, details)


async def stop(conn: AsyncConnection, campaign_id: int) -> None:
    """Go no further with what is under way: what was done of it is done."""
    await conn.execute(delete(transitions).where(transitions.c.campaign_id == campaign_id))
