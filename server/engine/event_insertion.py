"""The events the engine itself records: one about each row of a selection, by one statement.

What comes from outside, and what is at hand in Python, goes by `server.store.arrivals`.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, Text, cast, func, literal
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.dml import Insert

from relance.fold import key_of
from server.engine.batch import insert_from
from server.engine.parameters import FIRST, NOW, Zoned
from server.engine.tick import Prepared, Tick
from server.store import inbox
from server.store.inbox import InboxRow
from server.store.schema.events import events

#: Whether somebody listens to such an event, or of which types: else it does not wait in the inbox.
Heard = bool | Collection[str]


class EventInsertion:
    """One statement, compiled; what is heard of what it records waits for the engine."""

    def __init__(self, statement: Insert) -> None:
        recorded = (events.c[name] for name in InboxRow._fields)
        self._alone = Prepared(statement)
        self._returning = Prepared(statement.returning(*recorded))

    async def run(
        self, tick: Tick, heard: Heard, *, whose: Zoned | None = None, **holes: Any
    ) -> int:
        """Record them; how many. `whose`: the version or the rules in whose zone words are read."""
        values = {**tick.usual, **(tick.parameters(whose) if whose is not None else {}), **holes}
        if not heard:
            return int((await tick.conn.execute(self._alone.statement, values)).rowcount)
        rows = (await tick.conn.execute(self._returning.statement, values)).all()
        types = None if heard is True else heard
        await inbox.put(
            tick.conn,
            [InboxRow(*row) for row in rows if types is None or row.type in types],
        )
        return len(rows)


def insert_events_from(
    rows: Select[Any],
    lead: ColumnElement[int],
    what: str | ColumnElement[str],
    subject: str | ColumnElement[str] | None,
    *,
    key: str | ColumnElement[str] | None = None,
    then: Sequence[ColumnElement[Any]] = (),
    **more: Any,
) -> EventInsertion:
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
        **more,
    }
    return EventInsertion(insert_from(events, values, rows))


def _text(value: str | ColumnElement[str] | None) -> ColumnElement[Any]:
    return value if isinstance(value, ColumnElement) else literal(value, Text)
