"""Messages put in the outbox, for those of a visit: all that ask nothing of the lead by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    case,
    cast,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from relance import effects
from server.engine.batch import batch, insert_from
from server.engine.conditions.scope import Scope
from server.engine.effects.assignment import addressed
from server.engine.effects.operation import Operation, passed
from server.engine.parameters import NOW
from server.engine.version import Version
from server.store.schema.messages import outbox

#: Said of what a campaign sends when its time had come long before: it did not run then.
TOO_OLD = "il aurait dû partir bien plus tôt : la campagne ne tournait pas"


@dataclass(frozen=True, slots=True)
class ActivitySend:
    """A message of an activity: the how many-th of it, and how many moves were made after that one."""

    effect: effects.Send
    ordinal: int
    back: int

    @property
    def asks(self) -> bool:
        """Whether whom it goes to is read from the lead, as it is then."""
        return not (self.effect.to is None or isinstance(self.effect.to, str))


def send(sendings: Sequence[ActivitySend], version: Version, scope: Scope) -> Operation:
    """Put these in the outbox; several, if none asks anything of the lead."""
    if len(sendings) == 1:
        return _alone(sendings[0], version, scope)
    each = union_all(*(_row(one) for one in sendings)).subquery("sendings")
    said = ("ordinal", "channel", "message", "recipient")
    columns = {name: each.c[name] for name in said}
    rows = passed(version).select_from(batch.outerjoin(each, true()))
    return _operation({"move": batch.c.moves - each.c.back, **columns}, rows)


def _alone(one: ActivitySend, version: Version, scope: Scope) -> Operation:
    addressing = addressed(one.effect, scope)
    values = {
        "move": batch.c.moves - one.back,
        "ordinal": literal(one.ordinal, Integer),
        "channel": literal(one.effect.channel, Text),
        "message": literal(one.effect.message, Text),
        **addressing.columns,
    }
    return _operation(values, passed(version, *addressing.joined), addressing.refusals)


def _row(one: ActivitySend) -> Any:
    to = one.effect.to
    return select(
        literal(one.back, Integer).label("back"),
        literal(one.ordinal, Integer).label("ordinal"),
        literal(one.effect.channel, Text).label("channel"),
        literal(one.effect.message, Text).label("message"),
        (literal(to, Text) if isinstance(to, str) else cast(null(), Text)).label("recipient"),
    )


def _operation(
    values: dict[str, Any],
    rows: Select[Any],
    refusals: Sequence[tuple[ColumnElement[bool], str]] = (),
) -> Operation:
    late = batch.c.overdue_at.is_not(None)
    nobody = [test for test, _ in refusals]
    states = [(late, "expired"), *((test, "refused") for test in nobody)]
    reasons = [(late, TOO_OLD), *refusals]
    over = or_(late, *nobody)
    usual = {
        "lead_id": batch.c.lead_id,
        "campaign_id": batch.c.campaign_id,
        "entry": batch.c.entry,
        "version_id": batch.c.version_id,
        "state": _of_first(states, literal("pending", Text)),
        "created_at": NOW,
        "due_at": case((~over, NOW)),
        "settled_at": case((over, NOW)),
        "reason": _of_first(reasons, null()),
        "attempts": literal(0, Integer),
    }
    # No move has a message twice: the journal, by which it is numbered, would not have taken it.
    return Operation(insert_from(outbox, {**usual, **values}, rows), sends=True)


def _of_first(found: Sequence[tuple[ColumnElement[bool], str]], otherwise: Any) -> Any:
    return case(*((test, literal(said, Text)) for test, said in found), else_=otherwise)
