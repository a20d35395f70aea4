"""The rows that stand at a statement, and what the journal says of those that pass it."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from server.engine.batch import batch, insert_from
from server.engine.moves import Cause, Move
from server.engine.parameters import NOW, VISIT
from server.engine.tick import Prepared
from server.engine.version import Version
from server.store.schema.campaigns import journal

#: What the journal says where a move says nothing else.
_USUAL = {
    "cause": literal(Cause.MOVE.value, Text),
    "cause_event": cast(null(), BigInteger),
    "branch": cast(null(), Integer),
    "until": cast(null(), BigInteger),
    "leaves": cast(null(), Text),
}


@dataclass(frozen=True, slots=True)
class MoveMade:
    """A move that the rows of a visit made. What its row of the journal says besides, if not the usual:
    an expression over the batch."""

    statement: int
    kind: Move
    cause: Any = None
    cause_event: Any = None
    branch: Any = None
    until: Any = None
    leaves: Any = None


def rows_at(version: Version, index: int, *modes: int) -> ColumnElement[bool]:
    """The rows of a version that stand at a statement."""
    mode = or_(*(batch.c.mode == one for one in modes))
    return and_(batch.c.version_id == version.id, batch.c.statement == index, mode)


def visited(version: Version) -> ColumnElement[bool]:
    """The rows of a visit."""
    return and_(batch.c.version_id == version.id, batch.c.visit == VISIT)


def record(version: Version, *made: MoveMade) -> Prepared:
    """Journal the moves of a visit; the rows were moved by all of them already."""
    return Prepared(_alone(version, *made) if len(made) == 1 else _together(version, made))


def _alone(version: Version, made: MoveMade) -> Any:
    columns = {
        "move": batch.c.moves,
        "kind": literal(made.kind.value, Text),
        "statement": literal(made.statement, Integer),
        **{name: _said(made, name) for name in _USUAL},
    }
    return insert_from(journal, {**_whose(), **columns}, _rows(version))


def _together(version: Version, made: Sequence[MoveMade]) -> Any:
    """The moves of a lead are beside each other in the journal: so are they written."""
    last = len(made) - 1
    each = union_all(
        *(
            select(
                literal(last - number, Integer).label("back"),
                literal(one.kind.value, Text).label("kind"),
                literal(one.statement, Integer).label("statement"),
            )
            for number, one in enumerate(made)
        )
    ).subquery("made")
    columns: dict[str, Any] = {
        "move": batch.c.moves - each.c.back,
        "kind": each.c.kind,
        "statement": each.c.statement,
    }
    for name, usual in _USUAL.items():
        said = [
            (each.c.back == last - number, _said(one, name))
            for number, one in enumerate(made)
            if getattr(one, name) is not None
        ]
        columns[name] = case(*said, else_=usual) if said else usual
    # An outer join: that the batch is gone through once, and the moves for each of its rows.
    rows = _rows(version).select_from(batch.outerjoin(each, true()))
    return insert_from(journal, {**_whose(), **columns}, rows)


def _whose() -> dict[str, Any]:
    names = ("lead_id", "campaign_id", "entry", "version_id")
    return {**{name: batch.c[name] for name in names}, "at": NOW}


def _rows(version: Version) -> Select[Any]:
    return select(batch.c.lead_id).where(visited(version))


def _said(made: MoveMade, name: str) -> Any:
    said = getattr(made, name)
    if said is None:
        return _USUAL[name]
    return literal(said, Integer) if isinstance(said, int) else said
