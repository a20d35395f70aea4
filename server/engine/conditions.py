"""Conditions as SQL: the facts of the contract, compiled for a whole batch of leads at once.

Every condition compiles to something that is true or false, never NULL, so that « non » of a
comparison with a missing value is true.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    case,
    cast,
    exists,
    extract,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.sql.selectable import FromClause

from dsl.fold import key_of
from relance import facts
from server.engine import moment
from server.engine.batch import batch
from server.engine.draw import RANGE, draw_sql
from server.engine.literals import as_type
from server.engine.moves import Move
from server.engine.patterns import compared, matches
from server.store.fields import CHOICE, TEXT, FieldCatalogue, FieldColumn
from server.store.instants import DAY, MINUTE, SECOND, midnight
from server.store.search import folded, search_key
from server.store.tables import (
    campaigns,
    enrolments,
    events,
    journal,
    lead_tags,
    list_members,
)


@dataclass(frozen=True)
class Scope:
    """Whose condition it is: the rows it is asked of, and what its words refer to.

    `enrolment` is the batch, the enrolments or None when the lead is in no campaign yet;
    `horizon` the last event that may be seen (those behind it in the queue have not happened yet).
    """

    dialect: str
    fields: FieldCatalogue
    zone: ZoneInfo
    lead_id: ColumnElement[int]
    enrolment: FromClause | None = None
    horizon: ColumnElement[int] | None = None
    #: The statement that marks each named step, by folded name.
    steps: Mapping[str, int] = field(default_factory=dict)
    #: Conditions of the dynamic lists, by key.
    lists: Mapping[str, facts.Condition] = field(default_factory=dict)
    #: Whether the batch's own rows count as enrolments (within a tick).
    in_tick: bool = True

    def of(self, **changes: Any) -> "Scope":
        """The same, but for these."""
        return replace(self, **changes)


def compiled(condition: facts.Condition | None, scope: Scope) -> ColumnElement[bool]:
    """The condition as SQL; no condition always holds."""
    if condition is None:
        return true()
    return _CONDITIONS[type(condition)](condition, scope)


def leaves_json(
    conditions: tuple[facts.Condition | None, ...], scope: Scope
) -> ColumnElement[str] | ColumnElement[None]:
    """[[truth, value], …] for every leaf of these conditions, as JSON text."""
    leaves = [leaf for item in conditions if item is not None for leaf in facts.leaves(item)]
    if not leaves:
        return null()
    build = func.json_array if scope.dialect == "sqlite" else func.json_build_array
    rows = [
        build(case((compiled(leaf.condition, scope), 1), else_=0), _shown(leaf.condition, scope))
        for leaf in leaves
    ]
    return cast(build(*rows), Text)


def _shown(condition: facts.Condition, scope: Scope) -> ColumnElement[Any]:
    """The value a leaf is reported with."""
    if isinstance(condition, facts.Compare):
        return _operand(condition.left, scope)
    if isinstance(condition, facts.Happened):
        if condition.times > 1:
            return _operand(facts.Count(condition.events), scope)
        return _last(condition.events, scope)
    if isinstance(condition, facts.Contains | facts.IsEmpty):
        return _column(condition.field, scope)
    if isinstance(condition, facts.Birthday):
        return _as_text(_column(condition.field, scope), scope)
    if isinstance(condition, facts.Not):
        return _shown(condition.item, scope)
    if isinstance(condition, facts.All) and (left := _compared(condition)) is not None:
        return _operand(left, scope)
    return cast(null(), Text)


def _compared(condition: facts.All) -> facts.Operand | None:
    """What « entre … et … » compares: the one value that all its comparisons look at."""
    lefts = {item.left if isinstance(item, facts.Compare) else None for item in condition.items}
    return lefts.pop() if len(lefts) == 1 else None


# --- Events -----------------------------------------------------------------------------


def _seen(wanted: facts.Events, scope: Scope) -> tuple[FromClause, ColumnElement[bool]]:
    """The events table under a name of its own, and the test of the wanted ones."""
    rows = events.alias()
    tests = [rows.c.lead_id == scope.lead_id, matches(wanted.pattern, rows, scope.dialect)]
    if scope.horizon is not None:
        waiting = not_(rows.c.pending)
        tests.append(or_(rows.c.id <= scope.horizon, waiting, rows.c.id >= moment.TICK_FLOOR))
    tests.extend(_since(wanted.since, rows, scope))
    return rows, and_(*tests)


def _since(
    anchor: facts.Anchor | None, rows: FromClause, scope: Scope
) -> list[ColumnElement[bool]]:
    here = scope.enrolment
    if isinstance(anchor, facts.SinceDate):
        return [rows.c.occurred_at >= literal(midnight(anchor.day, scope.zone), BigInteger)]
    if isinstance(anchor, facts.SinceAgo):
        span = anchor.duration
        ago = (span.months * 30 + span.days) * DAY + span.seconds * SECOND
        return [rows.c.occurred_at >= moment.NOW - literal(ago, BigInteger)]
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
        entry = _moves(here).where(journal.c.move == 1)
        cause = entry.with_only_columns(journal.c.cause_event).scalar_subquery()
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
    marked = scope.steps.get(key_of(anchor.step))
    if marked is None:
        return [false()]
    passed = _moves(here).where(journal.c.kind == Move.STEPPED, journal.c.statement == marked)
    at = passed.with_only_columns(func.max(journal.c.at)).scalar_subquery()
    return [rows.c.occurred_at >= at]


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


def _last(wanted: facts.Events, scope: Scope) -> ColumnElement[int]:
    rows, seen = _seen(wanted, scope)
    return _alone(select(func.max(rows.c.occurred_at)).where(seen), rows)


def _alone(query: Any, rows: FromClause) -> ColumnElement[Any]:
    """A scalar subquery over `rows`, everything else in it coming from around."""
    found: ColumnElement[Any] = query.correlate_except(rows, journal).scalar_subquery()
    return found


def reference(condition: facts.Condition, scope: Scope) -> ColumnElement[int] | None:
    """The id of the event that made a wait's condition true; None when no event tells."""
    if isinstance(condition, facts.Leaf):
        return reference(condition.condition, scope)
    if isinstance(condition, facts.Happened):
        if not isinstance(condition.events.since, facts.SinceWait):
            return None
        rows, seen = _seen(condition.events, scope)
        nth = select(rows.c.id).where(seen).order_by(rows.c.id).limit(1).offset(condition.times - 1)
        return _alone(nth, rows)
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


_NEVER = literal(2**62, BigInteger)


def _extreme(items: list[Any], latest: bool, scope: Scope) -> ColumnElement[int]:
    if scope.dialect == "sqlite":
        return func.max(*items) if latest else func.min(*items)
    return func.greatest(*items) if latest else func.least(*items)


# --- Values -----------------------------------------------------------------------------


def _field(wanted: facts.Field, scope: Scope) -> FieldColumn:
    found = scope.fields.get(wanted.name)
    if found is None:
        raise LookupError(f"no such field: {wanted.name}")
    return found


def _column(wanted: facts.Field, scope: Scope) -> ColumnElement[Any]:
    return _field(wanted, scope).column


def _operand(operand: facts.Operand, scope: Scope) -> ColumnElement[Any]:
    if isinstance(operand, facts.Field):
        return _column(operand, scope)
    if isinstance(operand, facts.Score):
        return scope.fields.table.c.score
    if isinstance(operand, facts.Count):
        rows, seen = _seen(operand.events, scope)
        return _alone(select(func.count()).select_from(rows).where(seen), rows)
    if isinstance(operand, facts.MinutesSince):
        if isinstance(operand.of, facts.Events):
            return (moment.NOW - _last(operand.of, scope)) // literal(MINUTE, BigInteger)
        return moment.MINUTES - _days_until(operand.of, scope) * literal(1440, BigInteger)
    if isinstance(operand, facts.Age):
        born = _column(operand.field, scope)
        not_yet = case((_month_day(born, scope) > moment.MONTH_DAY, 1), else_=0)
        return moment.YEAR - cast(extract("year", born), Integer) - not_yet
    if isinstance(operand, facts.DaysUntil):
        return _days_until(operand.field, scope)
    return literal(as_type(operand.value, None))


def _days_until(of: facts.Field | date, scope: Scope) -> ColumnElement[int]:
    day = literal(of) if isinstance(of, date) else _column(of, scope)
    if scope.dialect == "sqlite":
        return cast(func.julianday(day) - func.julianday(moment.TODAY), Integer)
    return cast(day - moment.TODAY, Integer)


def _month_day(day: ColumnElement[Any], scope: Scope) -> ColumnElement[str]:
    if scope.dialect == "sqlite":
        return func.substr(cast(day, Text), 6, 5)
    return func.to_char(day, "MM-DD")


def _as_text(value: ColumnElement[Any], scope: Scope) -> ColumnElement[str]:
    return cast(value, Text)


# --- Conditions -------------------------------------------------------------------------


def _sure(test: ColumnElement[Any]) -> ColumnElement[bool]:
    """NULL is false."""
    return func.coalesce(test, false())


def _compare(condition: facts.Compare, scope: Scope) -> ColumnElement[bool]:
    left, right = condition.left, condition.right
    if isinstance(left, facts.Field):
        known = _field(left, scope)
        if isinstance(right, facts.Literal):
            value = as_type(right.value, known.type)
            if value is None:
                return false()
            if known.type in (TEXT, CHOICE):
                return _sure(
                    compared(
                        folded(known.column),
                        condition.comparator,
                        literal(search_key(str(value)), Text),
                    )
                )
            return _sure(
                compared(known.column, condition.comparator, literal(value, known.column.type))
            )
        if isinstance(right, facts.Field) and known.type in (TEXT, CHOICE):
            other = folded(_column(right, scope))
            return _sure(compared(folded(known.column), condition.comparator, other))
    return _sure(compared(_operand(left, scope), condition.comparator, _operand(right, scope)))


def _contains(condition: facts.Contains, scope: Scope) -> ColumnElement[bool]:
    column = folded(cast(_column(condition.field, scope), Text))
    return _sure(column.contains(search_key(condition.text), autoescape=True))


def _is_empty(condition: facts.IsEmpty, scope: Scope) -> ColumnElement[bool]:
    known = _field(condition.field, scope)
    if known.type not in (TEXT, CHOICE):
        return known.column.is_(None)
    return func.trim(func.coalesce(known.column, ""), " \t\n\u00a0\u202f") == ""


def _birthday(condition: facts.Birthday, scope: Scope) -> ColumnElement[bool]:
    day = _month_day(_column(condition.field, scope), scope)
    return _sure(day.in_(moment.birthdays(condition.days)))


def _happened(condition: facts.Happened, scope: Scope) -> ColumnElement[bool]:
    rows, seen = _seen(condition.events, scope)
    if condition.times <= 1:
        return exists(select(1).select_from(rows).where(seen).correlate_except(rows, journal))
    count = _alone(select(func.count()).select_from(rows).where(seen), rows)
    return count >= condition.times


def _in_list(condition: facts.InList, scope: Scope) -> ColumnElement[bool]:
    key = key_of(condition.name)
    if key in scope.lists:
        rest = {name: of for name, of in scope.lists.items() if name != key}
        return compiled(scope.lists[key], scope.of(lists=rest, enrolment=None))
    member = list_members.alias()
    return exists(
        select(1)
        .where(member.c.lead_id == scope.lead_id, member.c.list_key == key)
        .correlate_except(member)
    )


def _has_tag(condition: facts.HasTag, scope: Scope) -> ColumnElement[bool]:
    tag = lead_tags.alias()
    return exists(
        select(1)
        .where(tag.c.lead_id == scope.lead_id, tag.c.tag_key == key_of(condition.name))
        .correlate_except(tag)
    )


def _entered(condition: facts.Entered, scope: Scope) -> ColumnElement[bool]:
    wanted = (
        select(campaigns.c.id)
        .where(campaigns.c.key == key_of(condition.campaign))
        .scalar_subquery()
    )
    # The journal tells of those who entered in this very tick, too.
    moves = journal.alias()
    return exists(
        select(1)
        .where(moves.c.lead_id == scope.lead_id, moves.c.campaign_id == wanted)
        .correlate_except(moves, campaigns)
    )


def _at_step(condition: facts.AtStep, scope: Scope) -> ColumnElement[bool]:
    places = _places(scope)
    return or_(
        *(
            _any_row(
                rows,
                rows.c.step == condition.step,
                scope,
                active=rows.c.active if "active" in rows.c else rows.c.mode != 2,
            )
            for rows in places
        )
    )


def _places(scope: Scope) -> list[FromClause]:
    return [enrolments.alias(), batch.alias()] if scope.in_tick else [enrolments.alias()]


def _any_row(
    rows: FromClause,
    test: ColumnElement[bool],
    scope: Scope,
    active: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    tests = [rows.c.lead_id == scope.lead_id, test]
    if active is not None:
        tests.append(active)
    return exists(select(1).select_from(rows).where(*tests).correlate_except(rows, campaigns))


def _draw(condition: facts.Draw, scope: Scope) -> ColumnElement[bool]:
    bound = int(condition.percent * RANGE / 100)
    return draw_sql(scope.lead_id, condition.salt) < bound


_CONDITIONS: Mapping[type, Callable[[Any, Scope], ColumnElement[bool]]] = {
    facts.Compare: _compare,
    facts.Contains: _contains,
    facts.IsEmpty: _is_empty,
    facts.Birthday: _birthday,
    facts.Happened: _happened,
    facts.InList: _in_list,
    facts.HasTag: _has_tag,
    facts.Entered: _entered,
    facts.AtStep: _at_step,
    facts.Draw: _draw,
    facts.All: lambda c, scope: and_(true(), *(compiled(item, scope) for item in c.items)),
    facts.AnyOf: lambda c, scope: or_(false(), *(compiled(item, scope) for item in c.items)),
    facts.Not: lambda c, scope: not_(compiled(c.item, scope)),
    facts.Leaf: lambda c, scope: compiled(c.condition, scope),
}
