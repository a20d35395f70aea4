"""For whom the conditions of state triggers hold, as it was last noted: one row a lead each."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, exists, literal, select

from server.engine.listener import Listener
from server.store.schema.campaigns import edges


def rows_of(listener: Listener) -> ColumnElement[bool]:
    """The test of the rows of `edges` that say for whom that trigger’s condition holds."""
    mine = edges.c.trigger == listener.number
    return and_(edges.c.version_id == listener.owner.id, mine)


def row_of(listener: Listener, lead_id: ColumnElement[int]) -> dict[str, Any]:
    """That its condition holds for that lead."""
    return {
        "lead_id": lead_id,
        "version_id": literal(listener.owner.id, BigInteger),
        "trigger": literal(listener.number, Integer),
    }


def held(listener: Listener, lead_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether its condition was already true for that lead."""
    return exists(select(1).where(edges.c.lead_id == lead_id, rows_of(listener)))
