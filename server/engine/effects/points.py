"""Points: the score and the interests of leads, and the history of what gave them how much.

Every change is a row of the history, its points those that really counted (a score has bounds):
a lead's score is the sum of its rows without a topic, an interest the sum of those of its topic.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    update,
)

from relance import effects
from relance import events as names
from relance.fold import key_of
from relance.values import Change
from server.engine.batch import batch, insert_new, insert_or
from server.engine.conditions.operands import interest_of
from server.engine.conditions.scope import Scope
from server.engine.effects.operation import Operation, passed, recorded
from server.engine.listening import Happening
from server.engine.parameters import FIRST, NOW, VISIT
from server.engine.version import Version
from server.store.schema.rules import interests, points

_MOST = literal(2**31 - 1, BigInteger)


def bounded(score: Any) -> ColumnElement[int]:
    """A score its column can hold: one lead's must not stop the others."""
    wide = cast(score, BigInteger)
    return cast(case((wide > _MOST, _MOST), (wide < -_MOST, -_MOST), else_=wide), Integer)


def changed(current: ColumnElement[int], change: Change) -> ColumnElement[int]:
    """What a score becomes."""
    if change.absolute:
        return bounded(literal(change.amount, BigInteger))
    return bounded(cast(current, BigInteger) + change.amount)


def history(
    lead_id: ColumnElement[int], topic: str | None, delta: ColumnElement[int], reason: Any
) -> dict[str, Any]:
    """The columns of a row of the history; those who add theirs number them from `FIRST`."""
    number = func.row_number().over(order_by=lead_id)
    return {
        "lead_id": lead_id,
        "id": cast(FIRST + number - 1, BigInteger),
        "topic_key": literal(key_of(topic) if topic else None, Text),
        "topic": literal(topic, Text),
        "at": NOW,
        "delta": delta,
        "reason": reason,
    }


def gathered(dialect: str, rows: Select[Any], topic: str, value: ColumnElement[int]) -> Any:
    """The interests of the leads of `rows` (whose first column is the lead) become `value`."""
    values = {
        "lead_id": rows.selected_columns[0],
        "topic_key": literal(key_of(topic), Text),
        "topic": literal(topic, Text),
        "value": value,
    }
    put = insert_or(dialect, interests, values, rows)
    return put.on_conflict_do_update(
        index_elements=["lead_id", "topic_key"],
        set_={"value": put.excluded.value, "topic": put.excluded.topic},
    )


def change_score(effect: effects.ChangeScore, version: Version, scope: Scope) -> list[Operation]:
    """« Changer pointage (+10) »."""
    leads = scope.fields.table
    value = changed(leads.c.score, effect.change)
    here = (leads.c.id == batch.c.lead_id, leads.c.score != value)
    rows = passed(version, *here)
    write = (
        update(leads)
        .where(*here, batch.c.version_id == version.id, batch.c.visit == VISIT)
        .values(score=value)
    )
    return [
        _noted(version, scope, None, value - leads.c.score, rows, names.SCORE_CHANGED),
        recorded(names.SCORE_CHANGED, None, rows),
        Operation(write),
    ]


def change_interest(
    effect: effects.ChangeInterest, version: Version, scope: Scope
) -> list[Operation]:
    """« Modifier l’intérêt de (Vélo) à (+10) »."""
    current = interest_of(batch.c.lead_id, effect.topic)
    value = changed(current, effect.change)
    rows = passed(version, current != value)
    return [
        _noted(version, scope, effect.topic, value - current, rows, names.INTEREST_CHANGED),
        recorded(names.INTEREST_CHANGED, effect.topic, rows),
        Operation(gathered(scope.dialect, rows, effect.topic, value)),
    ]


def _noted(
    version: Version,
    scope: Scope,
    topic: str | None,
    delta: ColumnElement[int],
    rows: Select[Any],
    event: str,
) -> Operation:
    """The history of what a campaign gave, its name the reason."""
    values = history(batch.c.lead_id, topic, delta, literal(version.program.name, Text))
    values |= {"event_id": batch.c.cause_event, "rule": cast(null(), BigInteger)}
    happening = Happening(event, key_of(topic) if topic else None)
    return Operation(insert_new(scope.dialect, points, values, rows), event=happening)
