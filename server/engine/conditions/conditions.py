"""Conditions as SQL: the facts of the contract, compiled for a whole batch of leads at once.

Every condition compiles to something that is true or false, never NULL, so that « non » of a
comparison with a missing value is true.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.sql.selectable import FromClause

from dsl.field_types import MULTIPLE, SEPARATOR, WORDED
from relance import facts
from relance.fold import key_of
from server.engine import parameters
from server.engine.batch import batch
from server.engine.conditions import totals
from server.engine.conditions.elapsed import longer
from server.engine.conditions.literals import as_type
from server.engine.conditions.operands import column_of_field, field_of, month_day, operand_of
from server.engine.conditions.patterns import compared
from server.engine.conditions.scope import Scope
from server.engine.conditions.tallies import tally
from server.engine.draw import RANGE, draw_sql
from server.store.schema.campaigns import campaigns, enrolments, journal
from server.store.schema.goals import goals, goals_reached
from server.store.schema.leads import lead_tags, list_members
from server.store.search import folded, search_key


def compiled(condition: facts.Condition | None, scope: Scope) -> ColumnElement[bool]:
    """The condition as SQL; no condition always holds."""
    if condition is None:
        return true()
    return _CONDITIONS[type(condition)](condition, scope)


#: What takes some computing, and what looks at other tables than that of leads.
_HEAVIER = (facts.Age, facts.DaysUntil, facts.MinutesSince, facts.Contains, facts.Birthday)
_ELSEWHERE = (
    facts.Events,
    facts.InList,
    facts.HasTag,
    facts.Entered,
    facts.AtStep,
    facts.Exited,
    facts.Reached,
)


def _cheap_first(items: Iterable[facts.Condition]) -> list[facts.Condition]:
    """In the order that costs least: both stores mostly ask one after another, as written."""
    return sorted(items, key=_cost)


def _cost(condition: facts.Condition) -> int:
    costs = [0]
    for node in facts.walk(condition):
        if isinstance(node, _ELSEWHERE):
            costs.append(2)
        elif isinstance(node, _HEAVIER):
            costs.append(1)
    return max(costs)


def _sure(test: ColumnElement[Any]) -> ColumnElement[bool]:
    """NULL is false."""
    return func.coalesce(test, false())


def _compare(condition: facts.Compare, scope: Scope) -> ColumnElement[bool]:
    left, right = condition.left, condition.right
    if isinstance(left, facts.Total) and isinstance(right, facts.Literal):
        return totals.total_compared(left, condition.comparator, right, scope)
    if isinstance(left, facts.Field):
        known = field_of(left, scope)
        if isinstance(right, facts.Literal):
            value = as_type(right.value, known.type)
            if value is None:
                return false()
            if known.type in WORDED:
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
        if isinstance(right, facts.Field) and known.type in WORDED:
            other = folded(column_of_field(right, scope))
            return _sure(compared(folded(known.column), condition.comparator, other))
    if left == facts.Score() and isinstance(right, facts.Literal) and type(right.value) is int:
        # The score is always known: so is the answer.
        return compared(operand_of(left, scope), condition.comparator, operand_of(right, scope))
    if isinstance(left, facts.MinutesSince):
        return _sure(longer(condition, scope, operand_of))
    return _sure(compared(operand_of(left, scope), condition.comparator, operand_of(right, scope)))


def _contains(condition: facts.Contains, scope: Scope) -> ColumnElement[bool]:
    known = field_of(condition.field, scope)
    column = folded(known.column if known.type in WORDED else cast(known.column, Text))
    if known.type == MULTIPLE:
        elements = [one.strip() for one in condition.text.split(SEPARATOR)]
        column = literal(f"{SEPARATOR} ", Text) + column + literal(SEPARATOR, Text)
        held = [f"{SEPARATOR} {search_key(one)}{SEPARATOR}" for one in elements]
        return _sure(and_(*(column.contains(one, autoescape=True) for one in held)))
    return _sure(column.contains(search_key(condition.text), autoescape=True))


def _is_empty(condition: facts.IsEmpty, scope: Scope) -> ColumnElement[bool]:
    known = field_of(condition.field, scope)
    if known.type not in WORDED:
        return known.column.is_(None)
    return func.trim(func.coalesce(known.column, ""), " \t\n\u00a0\u202f") == ""


def _birthday(condition: facts.Birthday, scope: Scope) -> ColumnElement[bool]:
    day = month_day(column_of_field(condition.field, scope), scope)
    return _sure(day.in_(parameters.birthdays(condition.days)))


def _happened(condition: facts.Happened, scope: Scope) -> ColumnElement[bool]:
    found = tally(condition.events, scope)
    return found.any if condition.times <= 1 else found.count >= condition.times


def _in_list(condition: facts.InList, scope: Scope) -> ColumnElement[bool]:
    member, key = list_members.alias(), key_of(condition.name)
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


def _campaign_id(name: str) -> ColumnElement[Any]:
    wanted = select(campaigns.c.id).where(campaigns.c.key == key_of(name))
    found: ColumnElement[Any] = wanted.scalar_subquery()
    return found


def _entered(condition: facts.Entered, scope: Scope) -> ColumnElement[bool]:
    wanted = _campaign_id(condition.campaign)
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


def _exited(condition: facts.Exited, scope: Scope) -> ColumnElement[bool]:
    left, later = enrolments.alias(), enrolments.alias()
    again = select(1).where(
        later.c.lead_id == left.c.lead_id,
        later.c.campaign_id == left.c.campaign_id,
        later.c.entry > left.c.entry,
    )
    tests = [
        not_(left.c.active),
        left.c.outcome.in_(condition.outcomes),
        not_(exists(again.correlate(left))),
    ]
    if condition.campaign is not None:
        tests.append(left.c.campaign_id == _campaign_id(condition.campaign))
    return _any_row(left, and_(*tests), scope)


def _reached(condition: facts.Reached, scope: Scope) -> ColumnElement[bool]:
    kept, goal = goals_reached.alias(), goals.alias()
    tests = [
        kept.c.lead_id == scope.lead_id,
        goal.c.id == kept.c.goal_id,
        goal.c.present,
        goal.c.key == key_of(condition.goal),
    ]
    if condition.campaign is not None:
        tests.append(goal.c.campaign_id == _campaign_id(condition.campaign))
    return exists(select(1).where(*tests).correlate_except(kept, goal, campaigns))


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
    facts.Exited: _exited,
    facts.Reached: _reached,
    facts.Draw: _draw,
    facts.All: lambda c, scope: and_(
        true(), *(compiled(item, scope) for item in _cheap_first(c.items))
    ),
    facts.AnyOf: lambda c, scope: or_(
        false(), *(compiled(item, scope) for item in _cheap_first(c.items))
    ),
    facts.Not: lambda c, scope: not_(compiled(c.item, scope)),
    facts.Leaf: lambda c, scope: compiled(c.condition, scope),
}
