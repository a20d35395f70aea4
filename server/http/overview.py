"""What the status page and the health address tell: a few counts, each through an index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.intake.intake import Seen
from server.reports import french, words
from server.store.instants import SECOND, Micros, from_micros
from server.store.tables import campaigns, enrolments, events, outbox, set_aside, versions

#: Counting stops here: beyond, « a lot » is all one needs to know.
_MANY = 100_001
#: What is late by less than this is only about to be done.
_LATE = 30 * SECOND


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
    type: str
    subject: str


async def backlog(conn: AsyncConnection) -> int:
    """How many events wait for the engine."""
    waiting = select(events.c.id).where(events.c.pending).limit(_MANY).subquery()
    return await conn.scalar(select(func.count()).select_from(waiting)) or 0


async def overdue(conn: AsyncConnection, now: Micros) -> int:
    """How many wake times and messages are late."""
    total = 0
    for column in (enrolments.c.wake_at, outbox.c.due_at):
        late = select(column).where(column <= now - _LATE).limit(_MANY).subquery()
        total += await conn.scalar(select(func.count()).select_from(late)) or 0
    return total


async def campaign_lines(conn: AsyncConnection) -> Sequence[CampaignLine]:
    """The campaigns, those that take people in first."""
    inside = (
        select(enrolments.c.campaign_id, func.count().label("inside"))
        .where(enrolments.c.active)
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


async def outbox_lines(conn: AsyncConnection) -> Sequence[OutboxLine]:
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
        OutboxLine(words.channel(channel), words.outbox_label(name), count)
        for channel, name, count in await conn.execute(query)
    ]


def event_lines(recent: Iterable[Seen], zone: ZoneInfo) -> Sequence[EventLine]:
    """The last events received since the server started, the newest first."""
    return [
        EventLine(
            french.instant(from_micros(seen.at), zone),
            seen.lead_id,
            words.event_label(seen.type),
            seen.subject or "",
        )
        for seen in reversed(list(recent))
    ]
