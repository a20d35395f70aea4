"""Telling apart the visits of who sees many pages."""

from typing import Any

from sqlalchemy import Integer, and_, case, cast, delete, exists, func, select, true

from relance.events import PAGE_VISITED
from server.engine.batch import grown, insert_or
from server.engine.conditions.visits import IDLE
from server.engine.tick import Prepared
from server.engine.unsought import Unsought
from server.store.schema.events import events
from server.store.schema.tallies import visits


def telling_apart(dialect: str) -> list[Prepared]:
    """Tell the visits of the pages that came; of all pages again, when one was told late."""
    row, head, later = events.alias("row"), visits.alias("head"), visits.alias("later")
    last = select(func.max(later.c.nth)).where(later.c.lead_id == grown.c.lead_id).scalar_subquery()
    is_head = and_(head.c.lead_id == Unsought(grown.c.lead_id), head.c.nth == last)
    came = and_(
        row.c.lead_id == Unsought(grown.c.lead_id),
        row.c.type == PAGE_VISITED,
        row.c.id > func.coalesce(head.c.upto, -1),
        row.c.id <= grown.c.upto,
    )
    ours = grown.c.type == PAGE_VISITED
    late = exists(select(1).where(came, row.c.occurred_at < head.c.last_at))
    again = select(grown.c.lead_id).select_from(grown.join(head, is_head)).where(ours, late)
    pages = (
        select(
            grown.c.lead_id,
            grown.c.upto,
            row.c.occurred_at.label("at"),
            row.c.id,
            head.c.last_at,
            head.c.nth.label("last"),
            head.c.pages,
        )
        .select_from(grown.outerjoin(head, is_head).join(row, came))
        .where(ours)
        .subquery("pages")
    )
    at = pages.c["at"]
    before = func.coalesce(func.lag(at).over(**_in_order(pages)), pages.c.last_at)
    begins = case((at - before < IDLE, 0), else_=1).label("begins")
    begun = select(pages, begins).subquery("begun")
    nth = func.coalesce(begun.c.last, 0) + func.sum(begun.c.begins).over(**_in_order(begun))
    rank = func.row_number().over(**_in_order(begun)).label("rank")
    each = select(begun, cast(nth, Integer).label("nth"), rank).subquery("each")
    values = {
        "lead_id": each.c.lead_id,
        "nth": each.c.nth,
        "began_at": func.min(each.c["at"]),
        "last_at": func.max(each.c["at"]),
        "pages": func.coalesce(func.max(each.c.pages), 0) + func.max(each.c.rank),
        "upto": func.max(each.c.upto),
    }
    rows = select(each.c.lead_id).where(true()).group_by(each.c.lead_id, each.c.nth)
    put = insert_or(dialect, visits, values, rows)
    write = put.on_conflict_do_update(
        index_elements=["lead_id", "nth"],
        set_={name: put.excluded[name] for name in ("last_at", "pages", "upto")},
    )
    return [Prepared(delete(visits).where(visits.c.lead_id.in_(again))), Prepared(write)]


def _in_order(pages: Any) -> dict[str, Any]:
    return {"partition_by": pages.c.lead_id, "order_by": (pages.c["at"], pages.c.id)}
