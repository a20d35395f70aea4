"""What the status page shows beside the server's health: campaigns, messages, the latest events."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.reports import french, leftovers, words
from server.reports.glossary import Glossary
from server.store.instants import DAY, MINUTE, Micros, from_micros
from server.store.leftovers import groups
from server.store.schema.campaigns import campaigns, enrolments, set_aside, versions
from server.store.schema.events import events
from server.store.schema.messages import outbox

#: How many events are shown, and how far back they are looked for, in spans that grow.
_LATEST = 20
#: « relance refus » lists them all.
_MOST_LEFTOVERS = 10
_SPANS = (MINUTE, 60 * MINUTE, DAY, 30 * DAY)


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign and how many people are in it."""

    name: str
    active: bool
    inside: int
    #: Why some of its leads do not move: a version of it failed.
    set_aside: str | None = None


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """How many messages of a channel are in a state."""

    channel: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event that came lately."""

    at: str
    lead: int
    icon: str
    type: str
    subject: str


@dataclass(frozen=True, slots=True)
class LeftoverLine:
    """What came in and found no place, those alike together."""

    times: int
    door: str
    what: str
    why: str


async def leftover_lines(conn: AsyncConnection) -> Sequence[LeftoverLine]:
    """Those that come most."""
    return [
        LeftoverLine(
            one.times,
            leftovers.door(one.source),
            leftovers.what(one),
            leftovers.why(one.reason),
        )
        for one in (await groups(conn))[:_MOST_LEFTOVERS]
    ]


async def campaign_lines(conn: AsyncConnection) -> Sequence[CampaignLine]:
    """The campaigns, those that take people in first."""
    inside = (
        select(enrolments.c.campaign_id, func.count().label("inside"))
        .where(text("enrolments.active"))
        .group_by(enrolments.c.campaign_id)
        .subquery()
    )
    query = (
        select(
            campaigns.c.name,
            campaigns.c.active,
            func.coalesce(inside.c.inside, 0),
            select(func.max(set_aside.c.reason))
            .join(versions, versions.c.id == set_aside.c.version_id)
            .where(versions.c.campaign_id == campaigns.c.id)
            .scalar_subquery(),
        )
        .select_from(campaigns.outerjoin(inside, inside.c.campaign_id == campaigns.c.id))
        .order_by(campaigns.c.active.desc(), campaigns.c.name)
        .limit(200)
    )
    return [CampaignLine(*row) for row in await conn.execute(query)]


async def outbox_lines(conn: AsyncConnection, glossary: Glossary) -> Sequence[OutboxLine]:
    """The messages by channel and state; one that was in doubt counts as « incertain »."""
    # A literal, not a parameter: PostgreSQL must see the same expression in both places.
    doubtful: ColumnElement[str] = literal_column("'doubtful'")
    state = case((outbox.c.doubted_at.is_not(None), doubtful), else_=outbox.c.state)
    query = (
        select(outbox.c.channel, state, func.count())
        .group_by(outbox.c.channel, state)
        .order_by(outbox.c.channel, state)
    )
    return [
        OutboxLine(glossary.channel(channel), words.outbox_label(name), count)
        for channel, name, count in await conn.execute(query)
    ]


async def event_lines(
    conn: AsyncConnection, now: Micros, zone: ZoneInfo, glossary: Glossary
) -> Sequence[EventLine]:
    """The last events received, the newest first."""
    rows = await _latest(conn, now)
    shared = french.shared_minutes(from_micros(row.received_at) for row in rows)
    return [
        EventLine(
            french.instant(at := from_micros(row.received_at), zone, seconds=at in shared),
            row.lead_id,
            glossary.event_icon(row.type),
            glossary.event_label(row.type),
            row.subject or "",
        )
        for row in rows
    ]


async def _latest(conn: AsyncConnection, now: Micros) -> Sequence[Any]:
    """By the order in which they came, which each store can follow without reading them all."""
    columns = (events.c.lead_id, events.c.type, events.c.subject, events.c.received_at)
    if conn.dialect.name == "sqlite":
        query = select(*columns).order_by(text("events.rowid DESC")).limit(_LATEST)
        return (await conn.execute(query)).all()
    rows: Sequence[Any] = ()
    for span in _SPANS:
        since = events.c.received_at > now - span
        query = (
            select(*columns).where(since).order_by(events.c.received_at.desc(), events.c.id.desc())
        )
        rows = (await conn.execute(query.limit(_LATEST))).all()
        if len(rows) == _LATEST:
            break
    return rows
