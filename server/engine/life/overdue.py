"""What came due while a campaign did not run: found, counted, and told by age."""

from sqlalchemy import (
    ColumnElement,
    Integer,
    Subquery,
    and_,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    tuple_,
    update,
)

from server.engine.tick import Tick
from server.store.instants import Micros
from server.store.schema.campaigns import enrolments
from server.store.schema.messages import outbox

#: Since when an enrolment is overdue, if it is.
SINCE: ColumnElement[int] = func.coalesce(enrolments.c.overdue_at, enrolments.c.wake_at)

#: Added to a column, it keeps a base from reading the index of that column.
_NOTHING = literal_column("0", Integer)


def late(now: Micros) -> ColumnElement[bool]:
    """Whether an enrolment is overdue: met by a tick, or not even that."""
    return or_(enrolments.c.overdue_at.is_not(None), enrolments.c.wake_at <= now)


def late_people(campaign_id: int, now: Micros) -> Subquery:
    """The enrolments of a campaign that are: the last `step` of each, and `since` when it is.

    Two indexes hold them: whoever waits in time, a million maybe, is not gone through.
    """
    one = enrolments.c
    met = select(one.step, one.overdue_at.label("since")).where(
        one.campaign_id == campaign_id,
        text("enrolments.overdue_at IS NOT NULL"),
        text("enrolments.active"),
    )
    unmet = select(one.step, one.wake_at).where(
        one.campaign_id + _NOTHING == campaign_id,
        text("enrolments.wake_at IS NOT NULL"),
        one.wake_at <= now,
        one.overdue_at.is_(None),
        text("enrolments.active"),
    )
    return met.union_all(unmet).subquery("late_people")


def late_messages(campaign_id: int, now: Micros) -> Subquery:
    """The messages of a campaign that are, met by a lane or not even that.

    Each with its `message`, its `channel`, and `since` when it is.
    """
    named = (outbox.c.message, outbox.c.channel)
    met = select(*named, outbox.c.overdue_at.label("since")).where(parked_messages(campaign_id))
    unmet = select(*named, outbox.c.due_at).where(_pending(campaign_id), _unmet(now))
    return met.union_all(unmet).subquery("late")


def parked_messages(campaign_id: int) -> ColumnElement[bool]:
    """Those of them that were met, by a lane or by `park_messages`."""
    return and_(_pending(campaign_id), text("outbox.overdue_at IS NOT NULL"))


async def park_messages(tick: Tick, campaign_id: int, now: Micros, most: int) -> int:
    """Set apart those that no lane has met: no server ran when they came due, or it was cut. How many.

    The first `most`: they may be a million. Those that stand for others are left to their lane, which
    lets these go.
    """
    key = outbox.primary_key.columns
    unmet = (_pending(campaign_id), _unmet(now))
    these = select(*key).where(*unmet).limit(most)
    # Asked twice: a lane may be taking them meanwhile.
    parked = update(outbox).where(*unmet, tuple_(*key).in_(these))
    done = await tick.conn.execute(parked.values(overdue_at=outbox.c.due_at, due_at=null()))
    return int(done.rowcount)


def _pending(campaign_id: int) -> ColumnElement[bool]:
    return and_(outbox.c.campaign_id == campaign_id, outbox.c.state == "pending")


def _unmet(now: Micros) -> ColumnElement[bool]:
    due = (text("outbox.due_at IS NOT NULL"), outbox.c.due_at <= now)
    return and_(*due, outbox.c.gathering.is_(None))
