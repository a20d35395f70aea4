"""Up to where a lead's events of a type were counted, and whose have grown since."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
)

from server.engine.batch import arrivals, grown, insert_new, insert_or
from server.engine.conditions.tallies import ALL
from server.engine.tallies.counting import latest
from server.engine.tick import Prepared
from server.engine.unsought import Unsought
from server.store.schema.events import events, inbox
from server.store.schema.tallies import tallied, tallies

#: Events of a type that a lead may have before they are counted.
UNCOUNTED = 16
_SETTLED = bindparam("p_settled", type_=BigInteger)
_QUESTIONS = bindparam("p_questions", type_=BigInteger)
_UNCOUNTED = bindparam("p_uncounted", type_=Integer)


def finding(dialect: str) -> Prepared:
    """Of the leads something just happened to, those with many events that nobody counted."""
    came = select(arrivals.c.lead_id, arrivals.c.type).where(arrivals.c.turn <= 1)
    lead = came.distinct().subquery("came")
    mark = tallies.alias("mark")
    waiting = (
        select(func.min(inbox.c.id)).where(inbox.c.lead_id == lead.c.lead_id).scalar_subquery()
    )
    upto = case((waiting <= _SETTLED, waiting - 1), else_=_SETTLED)
    row = events.alias("row")
    many = exists(
        select(1)
        .where(
            row.c.lead_id == lead.c.lead_id,
            row.c.type == lead.c.type,
            row.c.id > func.coalesce(mark.c.upto, -1),
        )
        .order_by(row.c.id)
        .limit(1)
        .offset(_UNCOUNTED)
    )
    source = lead.outerjoin(mark, _is_mark(mark, lead))
    rows = select(lead.c.lead_id).select_from(source)
    rows = rows.where(or_(mark.c.count != _QUESTIONS, many))
    values = {"lead_id": lead.c.lead_id, "type": lead.c.type, "upto": upto}
    return Prepared(insert_new(dialect, grown, values, rows))


def _is_mark(mark: Any, lead: Any) -> Any:
    return and_(
        mark.c.lead_id == lead.c.lead_id,
        mark.c.type == lead.c.type,
        mark.c.question == ALL,
        mark.c.anchor == "",
    )


def marking(type_: str, dialect: str) -> list[Prepared]:
    """Note up to where all was counted; forget the counts that nobody asks for any more."""
    mark, row = tallies.alias("mark"), events.alias("row")
    came = and_(
        row.c.lead_id == Unsought(grown.c.lead_id),
        row.c.type == type_,
        row.c.id > func.coalesce(mark.c.upto, -1),
        row.c.id <= grown.c.upto,
    )
    source = grown.outerjoin(mark, _is_mark(mark, grown)).outerjoin(row, came)
    last, kept = func.max(row.c.occurred_at), mark.c.last_at
    values = {
        "lead_id": grown.c.lead_id,
        "type": grown.c.type,
        "question": literal(ALL, BigInteger),
        "anchor": literal("", Text),
        "upto": grown.c.upto,
        "count": _QUESTIONS,
        "total": literal(0, BigInteger),
        "last_at": latest(dialect, kept, last),
    }
    ours = grown.c.type == type_
    rows = select(grown.c.lead_id).select_from(source).where(ours)
    rows = rows.group_by(grown.c.lead_id, grown.c.type, grown.c.upto, kept)
    put = insert_or(dialect, tallies, values, rows)
    write = put.on_conflict_do_update(
        index_elements=["lead_id", "type", "question", "anchor"],
        set_={name: put.excluded[name] for name in ("upto", "count", "last_at")},
    )
    leads = select(grown.c.lead_id).where(ours)
    upto = select(grown.c.upto).where(ours, grown.c.lead_id == tallies.c.lead_id)
    former = delete(tallies).where(
        tallies.c.lead_id.in_(leads),
        tallies.c.type == type_,
        tallies.c.upto < upto.scalar_subquery(),
    )
    asked = exists(
        select(1).where(
            tallies.c.lead_id == tallied.c.lead_id,
            tallies.c.type == tallied.c.type,
            tallies.c.question == tallied.c.question,
        )
    )
    unasked = delete(tallied).where(tallied.c.lead_id.in_(leads), tallied.c.type == type_, ~asked)
    return [Prepared(write), Prepared(former), Prepared(unasked)]
