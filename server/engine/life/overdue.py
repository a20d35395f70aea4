"""What came due while a campaign did not run: found, counted, and told by age."""

from sqlalchemy import ColumnElement, and_, func, null, or_, text, update

from server.engine.tick import Tick
from server.store.instants import Micros
from server.store.schema.campaigns import enrolments
from server.store.schema.messages import outbox

#: Since when an enrolment is overdue, if it is.
SINCE: ColumnElement[int] = func.coalesce(enrolments.c.overdue_at, enrolments.c.wake_at)


def late(now: Micros) -> ColumnElement[bool]:
    """Whether an enrolment is overdue: met by a tick, or not even that."""
    return or_(enrolments.c.overdue_at.is_not(None), enrolments.c.wake_at <= now)


def late_people(campaign_id: int, now: Micros) -> ColumnElement[bool]:
    """The enrolments of a campaign that are."""
    inside = (enrolments.c.campaign_id == campaign_id, text("enrolments.active"))
    return and_(*inside, late(now))


def late_messages(campaign_id: int) -> ColumnElement[bool]:
    """The messages of a campaign that are, once `park_messages` has met them all."""
    overdue = text("outbox.overdue_at IS NOT NULL")
    return and_(outbox.c.campaign_id == campaign_id, overdue, outbox.c.state == "pending")


async def park_messages(tick: Tick, campaign_id: int) -> None:
    """Set apart those that no lane has met: no server ran when they came due."""
    due = text("outbox.due_at IS NOT NULL")
    those = (due, outbox.c.due_at <= tick.now, outbox.c.state == "pending")
    await tick.conn.execute(
        update(outbox)
        .where(outbox.c.campaign_id == campaign_id, *those)
        .values(overdue_at=outbox.c.due_at, due_at=null())
    )
