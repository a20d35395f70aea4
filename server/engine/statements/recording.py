"""The rows that stand at a statement, and what the journal says of those that pass it."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    cast,
    literal,
    null,
    or_,
    select,
)

from server.engine.batch import batch, insert_from
from server.engine.moves import Cause, Move
from server.engine.parameters import NOW, VISIT
from server.engine.tick import Prepared
from server.engine.version import Version
from server.store.schema.campaigns import journal


def rows_at(version: Version, index: int, *modes: int) -> ColumnElement[bool]:
    """The rows of a version that stand at a statement."""
    mode = or_(*(batch.c.mode == one for one in modes))
    return and_(batch.c.version_id == version.id, batch.c.statement == index, mode)


def record(
    version: Version,
    index: int,
    kind: Move,
    *,
    cause: Any = None,
    cause_event: Any = None,
    **values: Any,
) -> Prepared:
    """Journal the rows of a visit."""
    columns = {
        "lead_id": batch.c.lead_id,
        "campaign_id": batch.c.campaign_id,
        "entry": batch.c.entry,
        "move": batch.c.moves,
        "version_id": batch.c.version_id,
        "at": NOW,
        "kind": literal(kind.value, Text),
        "statement": literal(index, Integer),
        "cause": literal(Cause.MOVE.value, Text) if cause is None else cause,
        "cause_event": cast(null(), BigInteger) if cause_event is None else cause_event,
        **values,
    }
    visited = select(batch.c.lead_id).where(
        batch.c.version_id == version.id, batch.c.visit == VISIT
    )
    return Prepared(insert_from(journal, columns, visited))
