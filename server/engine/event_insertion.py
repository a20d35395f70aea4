"""The events the engine itself records: one about each row of a selection, by one statement.

What comes from outside, and what is at hand in Python, goes by `server.store.arrivals`.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Select, Text, bindparam, cast, func, literal
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.dml import Insert

from relance.fold import key_of
from server.engine.batch import insert_from
from server.engine.parameters import FIRST, NOW
from server.store.schema.events import events

#: Whether somebody listens to what is recorded: else it is stored as handled.
HEARD = bindparam("p_heard", type_=Boolean)


def insert_events_from(
    rows: Select[Any],
    lead: ColumnElement[int],
    what: str | ColumnElement[str],
    subject: str | ColumnElement[str] | None,
    *,
    key: str | ColumnElement[str] | None = None,
    pending: ColumnElement[bool] = HEARD,
    then: Sequence[ColumnElement[Any]] = (),
    **more: Any,
) -> Insert:
    """The insertion of an event about each `lead` of `rows`.

    Numbered from `FIRST` on, by lead, and by `then` where one lead has several. `what` is its
    type; `key` is what its subject is compared by, told where that is not its folded name; `more`
    are columns of `events`.
    """
    if key is None and isinstance(subject, str):
        key = key_of(subject)
    number = func.row_number().over(order_by=[lead, *then])
    values = {
        "lead_id": lead,
        "type": _text(what),
        "id": cast(FIRST + number - 1, BigInteger),
        "subject": _text(subject),
        "subject_key": _text(key),
        "occurred_at": NOW,
        "received_at": NOW,
        "pending": pending,
        **more,
    }
    return insert_from(events, values, rows)


def _text(value: str | ColumnElement[str] | None) -> ColumnElement[Any]:
    return value if isinstance(value, ColumnElement) else literal(value, Text)
