"""Who reached a goal: one question over the events it asks about and the stays in its campaign.

An event counts when it comes after an entry, and no later than the window after its exit or the end of
the campaign's period; after a suppression, not at all. Where several campaigns have the same goal, one
that a lead has left, or that has ended, does not count what happens while the lead is in another.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)

from dsl.program import Exit
from server.engine.batch import arrivals, handled, insert_new
from server.engine.conditions.history import entry_of
from server.engine.goals import windows
from server.engine.parts import AFTER, UPTO
from server.engine.unsought import Unsought
from server.store.schema.campaigns import enrolments
from server.store.schema.goals import goal_events, goals, goals_reached

#: No instant is later; a window still fits above it.
_NEVER = literal(2**62, BigInteger)


def reached_by(dialect: str, source: Any, *tests: Any) -> Any:
    """Keep who reached a goal and was not kept yet; the goals, a row a lead, are returned.

    `source` is `goal_events`, or what leads to it; `tests` say which of them are looked at.
    """
    rows = counted(source, *tests)
    values = {
        "lead_id": goal_events.c.lead_id,
        "goal_id": goals.c.id,
        "event_id": goal_events.c.event_id,
        "at": goal_events.c.at,
    }
    return insert_new(dialect, goals_reached, values, rows).returning(goals_reached.c.goal_id)


def counted(source: Any, *tests: Any) -> Select[Any]:
    """The events that count, the first of each lead first, perhaps several times."""
    stay = enrolments
    joined = source.join(
        goals, and_(goals.c.question == goal_events.c.question, goals.c.present)
    ).join(
        stay,
        and_(stay.c.lead_id == goal_events.c.lead_id, stay.c.campaign_id == goals.c.campaign_id),
    )
    stopped = _stop(stay, goals)
    suppressed = stay.c.outcome == Exit.SUPPRESSED.value
    # Of one who is still inside, the outcome is NULL.
    last = case((suppressed, stopped), else_=windows.end_of(stopped, goals))
    return (
        select(goal_events.c.lead_id, goals.c.id)
        .select_from(joined)
        .where(
            *tests,
            _after_entry(stay),
            goal_events.c.at <= last,
            or_(goal_events.c.at <= stopped, ~_open_elsewhere()),
        )
        .order_by(goal_events.c.at, goal_events.c.event_id)
    )


def of_arrivals() -> Any:
    """The events handled now, among those that goals ask about."""
    return arrivals.join(
        goal_events,
        and_(
            goal_events.c.lead_id == Unsought(arrivals.c.lead_id),
            goal_events.c.event_id == arrivals.c.id,
        ),
    )


def of_leads_handled(type_: str) -> ColumnElement[bool]:
    """Those of the leads to whom such an event is handled now."""
    these = select(arrivals.c.lead_id).where(handled, arrivals.c.type == type_)
    return goal_events.c.lead_id.in_(these)


def of_part() -> ColumnElement[bool]:
    """Those of a part of the leads."""
    return and_(goal_events.c.lead_id > AFTER, goal_events.c.lead_id <= UPTO)


def _after_entry(stay: Any) -> ColumnElement[bool]:
    """Whether it came after what let the lead in; that very event reaches nothing."""
    cause = entry_of(stay)
    since = goal_events.c.at >= stay.c.entered_at
    # Received between the event that let the lead in and the instant it was let in: since entry.
    meanwhile = goal_events.c.received_at <= stay.c.entered_at
    return or_(
        and_(cause.is_(None), since),
        and_(goal_events.c.event_id > cause, or_(since, meanwhile)),
    )


def _stop(stay: Any, goal: Any) -> ColumnElement[int]:
    """When a stay ended, or the period of its campaign did."""
    left, ends = func.coalesce(stay.c.left_at, _NEVER), func.coalesce(goal.c.ends_at, _NEVER)
    return case((left < ends, left), else_=ends)


def _open_elsewhere() -> ColumnElement[bool]:
    """Whether the lead was then in another campaign that has the same goal."""
    other, there = goals.alias("other"), enrolments.alias("there")
    return exists(
        select(1)
        .select_from(
            other.join(
                there,
                and_(
                    there.c.lead_id == goal_events.c.lead_id,
                    there.c.campaign_id == other.c.campaign_id,
                ),
            )
        )
        .where(
            other.c.question == goals.c.question,
            other.c.present,
            other.c.campaign_id != goals.c.campaign_id,
            _after_entry(there),
            goal_events.c.at <= _stop(there, other),
        )
        .correlate(goal_events, goals)
    )
