"""What happened to a lead, as SQL: the events a condition may see, and since when."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.sql.selectable import FromClause

from relance import facts
from relance.fold import key_of
from server.engine import parameters
from server.engine.conditions.patterns import matches, property_text
from server.engine.conditions.scope import Scope
from server.engine.moves import Move
from server.store import inbox
from server.store.ids import ANY
from server.store.instants import DAY, SECOND, Micros, midnight
from server.store.schema.campaigns import journal
from server.store.schema.events import events
from server.store.schema.transfers import carried
from server.store.search import folded

#: A longer value tells no stay from another: its folded form must fit its column.
LONGEST_VALUE = 100


def seen(wanted: facts.Events, scope: Scope) -> tuple[FromClause, ColumnElement[bool]]:
    """The events table under a name of its own, and the test of the wanted ones."""
    rows = events.alias()
    tests = [rows.c.lead_id == scope.lead_id, matches(wanted.pattern, rows, scope.dialect)]
    if scope.horizon is not None:
        of_tick = rows.c.id >= parameters.TICK_FLOOR
        tests.append(or_(rows.c.id <= scope.horizon, of_tick, inbox.handled(rows, scope.dialect)))
    tests.extend(since(wanted.since, rows, scope))
    if valued(wanted.since, scope):
        tests.append(of_stay(rows, scope.enrolment, scope))
    return rows, and_(*tests)


def valued(anchor: facts.Anchor | None, scope: Scope) -> bool:
    """Whether what is asked is asked of one stay among those of several values."""
    here = isinstance(anchor, facts.SinceWait | facts.SinceEntry | facts.SinceStep)
    return here and scope.stays_by is not None and scope.enrolment is not None


def of_stay(rows: Any, enrolment: Any, scope: Scope) -> ColumnElement[bool]:
    """What an event that says a value is about: the stay of that value alone."""
    said = stay_value(rows, scope)
    return or_(said == "", said == enrolment.c.stay_value)


def stay_value(rows: Any, scope: Scope) -> ColumnElement[str]:
    """The value an event says of what tells stays apart; '' when it says none that can be kept."""
    if scope.stays_by is None:
        return literal("", Text)
    said = func.trim(property_text(scope.stays_by, rows, scope.dialect))
    kept = and_(func.length(said) > 0, func.length(said) <= LONGEST_VALUE)
    return case((kept, folded(said)), else_="")


def since(anchor: facts.Anchor | None, rows: FromClause, scope: Scope) -> list[ColumnElement[bool]]:
    """The tests of an event that keep to what happened since then."""
    here = scope.enrolment
    if isinstance(anchor, facts.SinceDate):
        return [rows.c.occurred_at >= literal(midnight(anchor.day, scope.zone), BigInteger)]
    if isinstance(anchor, facts.SinceAgo):
        return [rows.c.occurred_at >= parameters.NOW - literal(span_ago(anchor), BigInteger)]
    if here is None or anchor is None:
        return []
    if isinstance(anchor, facts.SinceWait):
        return [
            rows.c.id > here.c.since_event,
            # What is told as it happens comes after by its rank, even if the clock went back.
            or_(rows.c.occurred_at >= here.c.since_at, rows.c.occurred_at >= rows.c.received_at),
            or_(here.c.deadline.is_(None), rows.c.occurred_at <= here.c.deadline),
        ]
    if isinstance(anchor, facts.SinceEntry):
        cause = entry_of(here)
        # Received between the event that let the lead in and the moment it was let in: since entry.
        after = or_(
            rows.c.occurred_at >= here.c.entered_at, rows.c.received_at <= here.c.entered_at
        )
        return [
            case(
                (cause.is_(None), rows.c.occurred_at >= here.c.entered_at),
                else_=or_(rows.c.id == cause, and_(rows.c.id > cause, after)),
            )
        ]
    return [rows.c.occurred_at >= passed_at(anchor, scope)]


def entry_of(here: FromClause) -> ColumnElement[int]:
    """The event that let the lead in; NULL when it was something else."""
    entry = _moves(here).where(journal.c.move == 1)
    cause: ColumnElement[int] = entry.with_only_columns(journal.c.cause_event).scalar_subquery()
    return cause


def passed_at(anchor: facts.SinceStep, scope: Scope) -> ColumnElement[int]:
    """When the lead last passed that step; NULL if never."""
    marked, here = scope.steps.get(key_of(anchor.step)), scope.enrolment
    if marked is None or here is None:
        return cast(null(), BigInteger)
    passed = _moves(here).where(
        journal.c.kind == Move.STEPPED,
        journal.c.statement == marked,
        journal.c.version_id == here.c.version_id,
    )
    last = by_lead(passed.with_only_columns(func.max(journal.c.at)), journal, scope)
    at: ColumnElement[int] = last.scalar_subquery()
    before = select(carried.c.at).where(
        carried.c.lead_id == here.c.lead_id,
        carried.c.campaign_id == here.c.campaign_id,
        carried.c.entry == here.c.entry,
        carried.c.version_id == here.c.version_id,
        carried.c.statement == marked,
    )
    return func.coalesce(at, before.correlate_except(carried).scalar_subquery())


def span_ago(anchor: facts.SinceAgo) -> Micros:
    """How long « les N derniers jours » last."""
    span = anchor.duration
    return (span.months * 30 + span.days) * DAY + span.seconds * SECOND


def _moves(here: FromClause) -> Any:
    """The journal of the enrolment at hand."""
    return (
        select(journal.c.move)
        .where(
            journal.c.lead_id == here.c.lead_id,
            journal.c.campaign_id == here.c.campaign_id,
            journal.c.entry == here.c.entry,
        )
        .correlate_except(journal)
    )


def by_lead(query: Any, rows: Any, scope: Scope) -> Any:
    """What adds up the rows of one lead; NULL when it has none.

    PostgreSQL is told that it does so lead by lead, which costs nothing: nodes among which leads are
    spread answer no other sum of one lead's rows.
    """
    return query if scope.dialect == "sqlite" else query.group_by(rows.c.lead_id)


def alone(query: Any, rows: FromClause) -> ColumnElement[Any]:
    """A scalar subquery over `rows`, everything else in it coming from around."""
    found: ColumnElement[Any] = query.correlate_except(rows, journal, carried).scalar_subquery()
    return found


def reference(condition: facts.Condition, scope: Scope) -> ColumnElement[int] | None:
    """The id of the event that made a wait's condition true; None when no event tells."""
    if isinstance(condition, facts.Leaf):
        return reference(condition.condition, scope)
    if isinstance(condition, facts.Happened):
        if not isinstance(condition.events.since, facts.SinceWait):
            return None
        rows, wanted_ones = seen(condition.events, scope)
        return alone(_nth(rows, wanted_ones, condition.times, scope), rows)
    if isinstance(condition, facts.All | facts.AnyOf):
        found = [
            item
            for item in (reference(part, scope) for part in condition.items)
            if item is not None
        ]
        if len(found) < 2:
            return found[0] if found else None
        latest = isinstance(condition, facts.All)
        return _extreme(
            [func.coalesce(item, 0 if latest else _NEVER) for item in found], latest, scope
        )
    return None


def _nth(rows: FromClause, wanted: ColumnElement[bool], nth: int, scope: Scope) -> Any:
    """The id of the n-th of these events. A wait ends by it: there are hardly more."""
    if scope.dialect == "sqlite":
        return select(rows.c.id).where(wanted).order_by(rows.c.id).limit(1).offset(nth - 1)
    ids = func.array_agg(aggregate_order_by(rows.c.id, rows.c.id), type_=ARRAY(BigInteger))
    found = func.min(rows.c.id) if nth == 1 else ids[nth]
    return by_lead(select(found).where(wanted), rows, scope)


_NEVER = literal(ANY, BigInteger)


def _extreme(items: list[Any], latest: bool, scope: Scope) -> ColumnElement[int]:
    if scope.dialect == "sqlite":
        return func.max(*items) if latest else func.min(*items)
    return func.greatest(*items) if latest else func.least(*items)
