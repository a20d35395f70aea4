"""Effects as set operations: what an activity does to every lead that just passed it.

Each effect compiles to a few statements over the rows of one visit; whatever changes a lead is
also an event, so that triggers, waits and lists hear of it, and only real changes are told.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    null,
    select,
    update,
)

from dsl.field_types import TEXT
from dsl.program import Exit
from relance import effects, facts
from relance import events as names
from relance.fold import key_of
from server.engine import batch as rows
from server.engine.batch import batch, insert_new, insert_or, of_enrolment
from server.engine.conditions.literals import as_type
from server.engine.conditions.scope import Scope
from server.engine.effects.assignment import assign
from server.engine.effects.operation import Operation, passed, recorded
from server.engine.effects.points import change_interest, change_score
from server.engine.effects.rewriting import rewrite
from server.engine.effects.sending import ActivitySend, send
from server.engine.moves import Cause
from server.engine.own_events import CAMPAIGN_REQUESTED
from server.engine.parameters import NOW, TODAY, VISIT
from server.engine.version import Version
from server.store.schema.campaigns import campaigns, enrolments
from server.store.schema.leads import lead_tags, list_members, lists
from server.store.schema.trust import field_proofs

#: So many messages go by one statement, at most.
_TOGETHER = 100


def operations(
    activities: Iterable[tuple[int, Sequence[effects.Effect]]], version: Version, scope: Scope
) -> list[Operation]:
    """The statements that do the effects of activities, each with how many moves were made after it.

    In their order, but for the messages that ask nothing of the lead: they go together, at the end.
    """
    found: list[Operation] = []
    together: list[ActivitySend] = []
    for back, done in activities:
        ordinals = count()
        for effect in done:
            if not isinstance(effect, effects.Send):
                found += _MAKERS[type(effect)](effect, version, scope)
                continue
            sending = ActivitySend(effect, next(ordinals), back)
            if sending.asks:
                found.append(send([sending], version, scope))
            else:
                together.append(sending)
    parts = (together[at : at + _TOGETHER] for at in range(0, len(together), _TOGETHER))
    return [*found, *(send(part, version, scope) for part in parts)]


def _set_field(effect: effects.SetField, version: Version, scope: Scope) -> list[Operation]:
    field = scope.fields.get(effect.field)
    if field is None:
        raise LookupError(f"no such field: {effect.field}")
    leads = scope.fields.table
    value = _written(effect.value, field.type, field.column.type, scope)
    changes = field.column.is_distinct_from(value)
    source = passed(version, leads.c.id == batch.c.lead_id, changes)
    write = (
        update(leads)
        .where(
            leads.c.id == batch.c.lead_id,
            batch.c.version_id == version.id,
            batch.c.visit == VISIT,
            changes,
        )
        .values({field.column: value})
    )
    since = _since_now(field.column.name, source, scope)
    return [recorded(names.LEAD_UPDATED, field.name, source), since, Operation(write)]


def _since_now(column: str, source: Select[Any], scope: Scope) -> Operation:
    """A rule's value is known as surely as the one before, and since now."""
    known = (
        select(field_proofs.c.proof)
        .where(field_proofs.c.lead_id == batch.c.lead_id, field_proofs.c.field == column)
        .scalar_subquery()
    )
    values = {
        "lead_id": batch.c.lead_id,
        "field": literal(column, Text),
        "proof": func.coalesce(known, scope.fields.table.c.proof),
        "at": NOW,
    }
    put = insert_or(scope.dialect, field_proofs, values, source)
    again = put.on_conflict_do_update(index_elements=["lead_id", "field"], set_={"at": NOW})
    return Operation(again)


def _written(value: Any, type_: str, sql_type: Any, scope: Scope) -> ColumnElement[Any]:
    if isinstance(value, effects.Today):
        return cast(TODAY, Text) if type_ == TEXT else TODAY
    if isinstance(value, effects.DatePlusDays):
        return _plus_days(value, scope)
    if isinstance(value, facts.Field):
        other = scope.fields.get(value.name)
        if other is None:
            raise LookupError(f"no such field: {value.name}")
        return other.column if other.type == type_ else cast(other.column, sql_type)
    return literal(as_type(value, type_), sql_type)


def _plus_days(value: effects.DatePlusDays, scope: Scope) -> ColumnElement[Any]:
    field = scope.fields.get(value.field.name)
    if field is None:
        raise LookupError(f"no such field: {value.field.name}")
    moved: Any = field.column + literal(value.days, Integer)
    if scope.dialect == "sqlite":
        text = cast(field.column, Text)
        moved = func.date(text, f"{value.days:+d} days", type_=field.column.type)
    # Past the ends of the calendar there is no date to write.
    end, step = (date.max if value.days > 0 else date.min), timedelta(days=value.days)
    beyond = field.column > end - step if value.days > 0 else field.column < end - step
    return case((beyond, literal(end, field.column.type)), else_=moved)


def _membership(lead_id: Any, name: str) -> ColumnElement[bool]:
    return and_(list_members.c.lead_id == lead_id, list_members.c.list_key == key_of(name))


def _add_to_list(effect: effects.AddToList, version: Version, scope: Scope) -> list[Operation]:
    name, key = effect.name, key_of(effect.name)
    member = exists(select(1).where(_membership(batch.c.lead_id, name)))
    naming = insert_new(
        scope.dialect,
        lists,
        {"key": literal(key, Text), "name": literal(name, Text)},
        passed(version).limit(1),
    )
    joining = insert_new(
        scope.dialect,
        list_members,
        {"lead_id": batch.c.lead_id, "list_key": literal(key, Text), "since": NOW},
        passed(version),
    )
    event = recorded(names.LIST_ADDED, name, passed(version, ~member))
    return [event, Operation(naming), Operation(joining)]


def _remove_from_list(
    effect: effects.RemoveFromList, version: Version, scope: Scope
) -> list[Operation]:
    member = exists(select(1).where(_membership(batch.c.lead_id, effect.name)))
    leaving = delete(list_members).where(
        list_members.c.list_key == key_of(effect.name),
        list_members.c.lead_id.in_(passed(version)),
    )
    event = recorded(names.LIST_REMOVED, effect.name, passed(version, member))
    return [event, Operation(leaving)]


def _tagged(lead_id: Any, name: str) -> ColumnElement[bool]:
    return and_(lead_tags.c.lead_id == lead_id, lead_tags.c.tag_key == key_of(name))


def _add_tag(effect: effects.AddTag, version: Version, scope: Scope) -> list[Operation]:
    name = effect.name
    carried = exists(select(1).where(_tagged(batch.c.lead_id, name)))
    values = {
        "lead_id": batch.c.lead_id,
        "tag_key": literal(key_of(name), Text),
        "name": literal(name, Text),
        "since": NOW,
    }
    put = insert_new(scope.dialect, lead_tags, values, passed(version))
    return [recorded(names.TAG_ADDED, name, passed(version, ~carried)), Operation(put)]


def _remove_tag(effect: effects.RemoveTag, version: Version, scope: Scope) -> list[Operation]:
    carried = exists(select(1).where(_tagged(batch.c.lead_id, effect.name)))
    take = delete(lead_tags).where(
        lead_tags.c.tag_key == key_of(effect.name), lead_tags.c.lead_id.in_(passed(version))
    )
    return [recorded(names.TAG_REMOVED, effect.name, passed(version, carried)), Operation(take)]


def _emit(effect: effects.Emit, version: Version, scope: Scope) -> list[Operation]:
    return [recorded(effect.type, effect.subject, passed(version))]


def _enter(effect: effects.EnterCampaign, version: Version, scope: Scope) -> list[Operation]:
    # An event of the engine's own: the other campaign answers by its own rules, in its turn.
    return [recorded(CAMPAIGN_REQUESTED, effect.campaign, passed(version))]


def _leave(effect: effects.LeaveCampaign, version: Version, scope: Scope) -> list[Operation]:
    wanted = (
        select(campaigns.c.id).where(campaigns.c.key == key_of(effect.campaign)).scalar_subquery()
    )
    passed = batch.alias("passed")
    leads = select(passed.c.lead_id).where(
        passed.c.version_id == version.id, passed.c.visit == VISIT
    )
    out = {
        "mode": rows.LEFT,
        "outcome": Exit.REMOVED.value,
        "cause": Cause.OPERATOR.value,
        "cause_event": None,
        "leaves": None,
    }
    moving = (
        update(batch)
        .where(batch.c.campaign_id == wanted, batch.c.lead_id.in_(leads), batch.c.mode != rows.LEFT)
        .values(**out)
    )
    resting = insert_new(
        scope.dialect,
        batch,
        of_enrolment(
            mode=literal(rows.LEFT, Integer),
            outcome=literal(Exit.REMOVED.value, Text),
            cause=literal(Cause.OPERATOR.value, Text),
            cause_event=cast(null(), BigInteger),
        ),
        select(enrolments.c.lead_id).where(
            enrolments.c.lead_id.in_(leads),
            enrolments.c.campaign_id == wanted,
            enrolments.c.active,
        ),
    )
    return [Operation(moving), Operation(resting)]


_MAKERS: Mapping[type, Callable[[Any, Version, Scope], list[Operation]]] = {
    effects.Assign: assign,
    effects.SetField: _set_field,
    effects.Rewrite: rewrite,
    effects.ChangeScore: change_score,
    effects.ChangeInterest: change_interest,
    effects.AddToList: _add_to_list,
    effects.RemoveFromList: _remove_from_list,
    effects.AddTag: _add_tag,
    effects.RemoveTag: _remove_tag,
    effects.Emit: _emit,
    effects.EnterCampaign: _enter,
    effects.LeaveCampaign: _leave,
}
