"""Visits to the site, as SQL: read off the pages seen.

A page that comes 30 minutes or more after the one before begins a visit. Read so, a page told
late, two leads found to be one and the events a decision may not see yet need no care at all.

Of those who saw many pages, the visits were told apart once (`server.engine.tallies`), and only the
pages after them are read. A page told late, before the last of those, has them all read again.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    Integer,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    select,
)

from relance import facts
from server.engine import parameters
from server.engine.conditions.history import alone, seen
from server.engine.conditions.scope import Scope
from server.engine.conditions.tallies import PAGES, last_seen
from server.store.instants import MINUTE, SECOND
from server.store.local_day import local_day
from server.store.schema.tallies import visits

#: Without a page for so long, a visit is over.
IDLE = literal(30 * MINUTE, BigInteger)


class _Pages:
    """The lead's pages since the visits that are known, in order."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        rows, wanted = seen(PAGES, scope)
        wanted = and_(wanted, rows.c.id > func.coalesce(self.known("upto"), -1))
        at, order = rows.c.occurred_at, (rows.c.occurred_at, rows.c.id)
        before = func.coalesce(func.lag(at).over(order_by=order), self.known("last_at"))
        after = func.coalesce(func.lead(at).over(order_by=order), parameters.NOW)
        self.rows, self.wanted = rows, wanted
        self.each = (
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

    def known(self, name: str) -> ColumnElement[Any]:
        """What is known of the last visit; NULL when there is none, or when a page told late
        changes it."""
        head, later = visits.alias(), visits.alias()
        last = (
            select(func.max(later.c.nth))
            .where(later.c.lead_id == self.scope.lead_id)
            .correlate_except(later)
            .scalar_subquery()
        )
        rows, wanted = seen(PAGES, self.scope)
        late = exists(
            select(1)
            .select_from(rows)
            .where(wanted, rows.c.id > head.c.upto, rows.c.occurred_at < head.c.last_at)
            .correlate_except(rows)
        )
        return alone(
            select(head.c[name]).where(
                head.c.lead_id == self.scope.lead_id, head.c.nth == last, not_(late)
            ),
            head,
        )

    def before(self, nth: ColumnElement[int]) -> ColumnElement[int]:
        """How many pages were seen to the end of that known visit; 0 when there is none."""
        row = visits.alias()
        found = select(row.c.pages).where(row.c.lead_id == self.scope.lead_id, row.c.nth == nth)
        return func.coalesce(alone(found, row), 0)

    @property
    def begun(self) -> ColumnElement[int]:
        """How many visits began since the known ones."""
        begins = func.coalesce(func.sum(self.each.c.begins), 0)
        return alone(select(begins).select_from(self.each), self.each)

    @property
    def visits(self) -> ColumnElement[int]:
        """How many visits there are."""
        return func.coalesce(self.known("nth"), 0) + self.begun

    @property
    def count(self) -> ColumnElement[int]:
        """How many pages there are."""
        since = alone(select(func.count()).select_from(self.rows).where(self.wanted), self.rows)
        return func.coalesce(self.known("pages"), 0) + since


def _visits(_: facts.Visits, scope: Scope) -> ColumnElement[Any]:
    return _Pages(scope).visits


def _visit_pages(operand: facts.VisitPages, scope: Scope) -> ColumnElement[Any]:
    pages = _Pages(scope)
    if operand.visits is None:
        return pages.count
    each = pages.each
    backwards = (each.c["at"].desc(), each.c.id.desc())
    left = func.sum(each.c.begins).over(order_by=backwards) - each.c.begins
    # The visits that begin after each page.
    ended = select(left.label("later")).subquery()
    recent = alone(
        select(func.count()).select_from(ended).where(ended.c.later < operand.visits), ended
    )
    # Fewer visits than that: all of them.
    before = pages.before(pages.visits - operand.visits)
    return case((pages.begun >= operand.visits, recent), else_=pages.count - before)


def _pages_per_visit(_: facts.PagesPerVisit, scope: Scope) -> ColumnElement[Any]:
    pages = _Pages(scope)
    return cast(pages.count, Double) / cast(func.nullif(pages.visits, 0), Double)


def _last_visit_length(_: facts.LastVisitLength, scope: Scope) -> ColumnElement[Any]:
    pages = _Pages(scope)
    each = pages.each
    begun = case((each.c.begins == 1, each.c["at"]))
    started = func.coalesce(
        func.max(begun).over(order_by=(each.c["at"], each.c.id)), pages.known("began_at")
    )
    timed = select(each.c["at"], each.c.ends, started.label("begun")).subquery()
    over = select(_length(timed.c.begun, timed.c["at"])).where(timed.c.ends == 1)
    first = alone(select(func.min(pages.rows.c.occurred_at)).where(pages.wanted), pages.rows)
    idle = func.coalesce(first, parameters.NOW) - pages.known("last_at") >= IDLE
    former = visits.alias()
    finished = select(_length(former.c.began_at, former.c.last_at)).where(
        former.c.lead_id == scope.lead_id, former.c.nth == pages.known("nth") - 1
    )
    return func.coalesce(
        alone(over.order_by(timed.c["at"].desc()).limit(1), timed),
        case((idle, _length(pages.known("began_at"), pages.known("last_at")))),
        alone(finished, former),
    )


def _length(begun: ColumnElement[int], ended: ColumnElement[int]) -> ColumnElement[int]:
    """In seconds."""
    return cast((ended - begun) // literal(SECOND, BigInteger), Integer)


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
