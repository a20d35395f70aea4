"""Visits to the site, as SQL: read off the pages seen, never stored.

A page that comes 30 minutes or more after the one before begins a visit. Read so, a page told
late, two leads found to be one and the events a decision may not see yet need no care at all,
and a page hit writes nothing more. It costs one pass over the lead's own pages.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Double, Integer, case, cast, func, literal, select
from sqlalchemy.sql.selectable import FromClause

from relance import facts
from relance.events import PAGE_VISITED, EventPattern
from server.engine import moment
from server.engine.conditions.history import alone, last_seen, seen
from server.engine.conditions.scope import Scope
from server.store.instants import MINUTE, SECOND
from server.store.local_day import local_day

PAGES = facts.Events(EventPattern(PAGE_VISITED))
#: Without a page for so long, a visit is over.
IDLE = literal(30 * MINUTE, BigInteger)


def _pages(scope: Scope) -> FromClause:
    """The lead's pages in order; whether each begins a visit, and whether it ends one."""
    rows, wanted = seen(PAGES, scope)
    at, order = rows.c.occurred_at, (rows.c.occurred_at, rows.c.id)
    before = func.lag(at).over(order_by=order)
    after = func.coalesce(func.lead(at).over(order_by=order), moment.NOW)
    return (
        select(
            at.label("at"),
            rows.c.id.label("id"),
            case((at - before < IDLE, 0), else_=1).label("begins"),
            case((after - at >= IDLE, 1), else_=0).label("ends"),
        )
        .where(wanted)
        .correlate_except(rows)
        .subquery()
    )


def _visits(_: facts.Visits, scope: Scope) -> ColumnElement[Any]:
    pages = _pages(scope)
    return alone(select(func.coalesce(func.sum(pages.c.begins), 0)).select_from(pages), pages)


def _visit_pages(operand: facts.VisitPages, scope: Scope) -> ColumnElement[Any]:
    rows, wanted = seen(PAGES, scope)
    count = select(func.count()).select_from(rows).where(wanted)
    if operand.visits is not None:
        pages = _pages(scope)
        first = (
            select(pages.c.at)
            .where(pages.c.begins == 1)
            .order_by(pages.c.at.desc())
            .limit(1)
            .offset(operand.visits - 1)
        )
        # Fewer visits than that: all of them.
        count = count.where(rows.c.occurred_at >= func.coalesce(alone(first, pages), 0))
    return alone(count, rows)


def _pages_per_visit(_: facts.PagesPerVisit, scope: Scope) -> ColumnElement[Any]:
    pages = _pages(scope)
    visits = func.nullif(func.sum(pages.c.begins), 0)
    return alone(select(cast(func.count(), Double) / cast(visits, Double)), pages)


def _last_visit_length(_: facts.LastVisitLength, scope: Scope) -> ColumnElement[Any]:
    pages = _pages(scope)
    begun = case((pages.c.begins == 1, pages.c.at))
    timed = select(
        pages.c.at,
        pages.c.ends,
        func.max(begun).over(order_by=(pages.c.at, pages.c.id)).label("begun"),
    ).subquery()
    length = cast((timed.c.at - timed.c.begun) // literal(SECOND, BigInteger), Integer)
    over = select(length).where(timed.c.ends == 1).order_by(timed.c.at.desc()).limit(1)
    return alone(over, timed)


def _last_day(operand: facts.LastDay, scope: Scope) -> ColumnElement[Any]:
    return local_day(last_seen(operand.of, scope), scope.zone)


def visit_over(scope: Scope) -> ColumnElement[int]:
    """When the last visit is over, or was: `LastVisitLength` changes then, with no event."""
    return last_seen(PAGES, scope) + IDLE


#: What `operands` takes up.
OPERANDS: Mapping[type, Callable[[Any, Scope], ColumnElement[Any]]] = {
    facts.Visits: _visits,
    facts.VisitPages: _visit_pages,
    facts.PagesPerVisit: _pages_per_visit,
    facts.LastVisitLength: _last_visit_length,
    facts.LastDay: _last_day,
}
