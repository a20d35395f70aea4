"""For whom the conditions of state triggers hold, as it was last noted: one row a lead each."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, exists, literal, or_, select

from server.engine.listener import Listener
from server.engine.owner import Key
from server.store.schema.campaigns import edges


def rows_of(listener: Listener) -> ColumnElement[bool]:
    """The test of the rows of `edges` that say for whom that trigger’s condition holds."""
    return rows_under(listener.key)


def rows_under(key: Key) -> ColumnElement[bool]:
    """The same, of the trigger of that version and number."""
    return and_(edges.c.version_id == key[0], edges.c.trigger == key[1])


def row_of(listener: Listener, lead_id: ColumnElement[int]) -> dict[str, Any]:
    """That its condition holds for that lead."""
    return {
        "lead_id": lead_id,
        "version_id": literal(listener.owner.id, BigInteger),
        "trigger": literal(listener.number, Integer),
    }


def held(listener: Listener, lead_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether its condition was already true for that lead."""
    return held_under([listener.key], lead_id)


def held_under(keys: Iterable[Key], lead_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether any of these conditions was already true for that lead."""
    return exists(select(1).where(edges.c.lead_id == lead_id, or_(*map(rows_under, keys))))
