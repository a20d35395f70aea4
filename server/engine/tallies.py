"""Counting long histories as they grow, for the questions that the rules ask of them.

After a tick, a lead with so many events of a type that nobody counted has them counted: for each
question about that type, what `server.engine.conditions.tallies` reads. So a question costs at
most that many events, however many came before; and who has fewer costs nothing here.

An event is counted once it is handled, and once no event numbered before it can come any more.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.sql.selectable import FromClause

from dsl.program import Await
from relance import facts
from relance.events import PAGE_VISITED
from server.engine.batch import NOTHING, arrivals, grown, insert_new, insert_or
from server.engine.conditions.history import since
from server.engine.conditions.patterns import matches
from server.engine.conditions.scope import Scope
from server.engine.conditions.tallies import ALL, Question, lower, questions
from server.engine.conditions.visits import IDLE
from server.engine.index import Index
from server.engine.publication.parts import parts
from server.engine.publication.version import Version
from server.engine.standing.standing import Standing
from server.engine.tick import Prepared, Tick
from server.store.schema import enrolments, events, tallied, tallies, visits

#: Events of a type that a lead may have before they are counted.
UNCOUNTED = 16
_VISITS = (facts.Visits, facts.VisitPages, facts.PagesPerVisit, facts.LastVisitLength)
_SETTLED = bindparam("p_settled", type_=BigInteger)
_QUESTIONS = bindparam("p_questions", type_=BigInteger)
_PENDING = text("pending")


class _Asked(NamedTuple):
    """A question, and who asks it: nobody in particular, or those who are somewhere."""

    question: Question
    version: Version | None = None
    statement: int | None = None


#: By type, each question once.
_Questions = Mapping[str, Mapping[object, _Asked]]


class Tallies:
    """What the published rules ask of histories, counted."""

    def __init__(self, index: Index, standing: Standing, scope: Scope) -> None:
        self._index, self._standing = index, standing
        self._scope = scope.of(enrolment=None, horizon=None)
        self._counting: dict[str, list[Prepared]] = {}
        self._find = Prepared(_finding(scope.dialect))
        self._types = Prepared(select(grown.c.type).distinct())

    async def keep(self, tick: Tick) -> None:
        """Count for those whose history has grown."""
        await tick.conn.execute(delete(grown))
        holes = {"p_questions": self._seal}
        if not await tick.do(self._find, **holes, p_settled=tick.store.ids.settled()):
            return
        for (type_,) in await tick.ask(self._types):
            for statement in self._statements(type_):
                await tick.do(statement, **holes)

    @cached_property
    def _seal(self) -> int:
        """What tells these rules from those of another publication."""
        lists = [(each.key, str(each.zone), each.condition) for each in self._index.lists]
        zone = str(self._standing.version.zone)
        told = repr((sorted(self._index.versions), lists, self._standing.rules, zone))
        return int.from_bytes(sha256(told.encode()).digest()[:8], "big") >> 1

    @cached_property
    def _asked(self) -> _Questions:
        """Gathered once somebody's history is long."""
        found: dict[str, dict[object, _Asked]] = defaultdict(dict)
        for asked in _gathered(self._index, self._standing, self._scope):
            question = asked.question
            where = (question.number, asked.version and asked.version.id, asked.statement)
            found[question.type].setdefault(where, asked)
        return found

    @cached_property
    def _of_visits(self) -> bool:
        holders = (
            *(each.condition for each in self._index.lists),
            *self._standing.rules,
            *(each.program for each in self._index.versions.values()),
        )
        return any(isinstance(one, _VISITS) for each in holders for one in parts(each))

    def _statements(self, type_: str) -> list[Prepared]:
        found = self._counting.get(type_)
        if found is None:
            dialect = self._scope.dialect
            asked = self._asked.get(type_, {}).values()
            found = [each for one in asked for each in _counting(one, dialect)]
            if type_ == PAGE_VISITED and self._of_visits:
                found += _telling_apart(dialect)
            found += _marking(type_, dialect)
            self._counting[type_] = found
        return found


def _gathered(index: Index, standing: Standing, scope: Scope) -> Iterator[_Asked]:
    for list_ in index.lists:
        yield from _of(list_.condition, scope.of(zone=list_.zone))
    yield from _of(standing.rules, scope.of(zone=standing.version.zone))
    for version in index.versions.values():
        outside = scope.of(zone=version.zone)
        inside = outside.of(steps=version.steps, enrolment=enrolments)
        program = version.program
        yield from _of(program.entries, outside)
        yield from _of(program.exits, inside, version)
        for number, statement in enumerate(program.statements):
            rests = number if isinstance(statement, Await) else None
            yield from _of(statement, inside, version, rests)


def _of(
    holder: object, scope: Scope, version: Version | None = None, statement: int | None = None
) -> Iterator[_Asked]:
    """What `holder` asks; a wait, of those who wait there."""
    for question in questions(parts(holder), scope):
        waits = isinstance(question.since, facts.SinceWait)
        if not waits or statement is not None:
            within = isinstance(question.since, _WITHIN)
            yield _Asked(question, version if within else None, statement if waits else None)


_WITHIN = (facts.SinceEntry, facts.SinceStep, facts.SinceWait)


def _finding(dialect: str) -> Any:
    """Of the leads something just happened to, those with many events that nobody counted."""
    came = select(arrivals.c.lead_id, arrivals.c.type).where(arrivals.c.turn <= 1)
    lead = came.distinct().subquery("came")
    mark = tallies.alias("mark")
    waiting = (
        select(func.min(events.c.id))
        .where(_PENDING, events.c.lead_id == lead.c.lead_id)
        .scalar_subquery()
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
        .offset(UNCOUNTED)
    )
    source = lead.outerjoin(mark, _is_mark(mark, lead))
    rows = select(lead.c.lead_id).select_from(source)
    rows = rows.where(or_(mark.c.count != _QUESTIONS, many))
    values = {"lead_id": lead.c.lead_id, "type": lead.c.type, "upto": upto}
    return insert_new(dialect, grown, values, rows)


def _is_mark(mark: Any, lead: Any) -> Any:
    return and_(
        mark.c.lead_id == lead.c.lead_id,
        mark.c.type == lead.c.type,
        mark.c.question == ALL,
        mark.c.anchor == "",
    )


def _counting(asked: _Asked, dialect: str) -> list[Prepared]:
    """Add to the answer to a question what happened since."""
    question = asked.question
    scope = question.scope.of(lead_id=grown.c.lead_id)
    question = Question(question.events, scope, question.unit)
    known = tallies.alias("known")
    row = events.alias("row")
    anchor = question.anchor
    source: FromClause = grown
    if asked.version is not None:
        inside = and_(
            enrolments.c.lead_id == grown.c.lead_id + NOTHING,
            enrolments.c.active,
            enrolments.c.version_id == asked.version.id,
        )
        if asked.statement is not None:
            inside = and_(inside, enrolments.c.statement == asked.statement)
        source = grown.join(enrolments, inside)
    same = [
        known.c.lead_id == grown.c.lead_id,
        known.c.type == question.type,
        known.c.question == question.number,
        known.c.anchor == anchor,
    ]
    tests = [
        row.c.lead_id == grown.c.lead_id + NOTHING,
        matches(question.events.pattern, row, dialect),
        row.c.id > lower(question, known.c.upto),
        row.c.id <= grown.c.upto,
        *since(question.since, row, scope),
    ]
    if question.unit is not None:
        tests.append(row.c.currency == question.unit)
    source = source.outerjoin(known, and_(*same)).outerjoin(row, and_(*tests))
    began = literal(None, BigInteger) if question.window is None else question.begins
    gone, lost = _left(question)
    values = {
        "lead_id": grown.c.lead_id,
        "type": grown.c.type,
        "question": literal(question.number, BigInteger),
        "anchor": anchor,
        "upto": grown.c.upto,
        "since": began,
        "count": func.coalesce(known.c.count - gone, 0) + func.count(row.c.id),
        "total": func.coalesce(known.c.total - lost, 0)
        + cast(func.coalesce(func.sum(row.c.amount), 0), BigInteger),
        "last_at": _latest(dialect, known.c.last_at, func.max(row.c.occurred_at)),
    }
    rows = select(grown.c.lead_id).select_from(source).where(grown.c.type == question.type)
    here = () if asked.version is None else tuple(_place_of_enrolment())
    rows = rows.group_by(
        grown.c.lead_id,
        grown.c.type,
        grown.c.upto,
        *here,
        known.c.upto,
        known.c.count,
        known.c.total,
        known.c.last_at,
    )
    put = insert_or(dialect, tallies, values, rows)
    write = put.on_conflict_do_update(
        index_elements=["lead_id", "type", "question", "anchor"],
        set_={name: put.excluded[name] for name in ("upto", "since", "count", "total", "last_at")},
    )
    if question.window is None:
        return [Prepared(write)]
    held = {
        "lead_id": grown.c.lead_id,
        "type": grown.c.type,
        "question": literal(question.number, BigInteger),
        "at": row.c.occurred_at,
        "id": row.c.id,
        "amount": row.c.amount,
    }
    inner = grown.outerjoin(known, and_(*same)).join(row, and_(*tests))
    came = select(grown.c.lead_id).select_from(inner).where(grown.c.type == question.type)
    hold = insert_new(dialect, tallied, held, came)
    let_go = delete(tallied).where(*_whose(tallied, question), tallied.c["at"] < question.begins)
    return [*_disbelieving(question), Prepared(hold), Prepared(write), Prepared(let_go)]


def _place_of_enrolment() -> Iterator[Any]:
    names = ("lead_id", "campaign_id", "entry", "entered_at", "since_event", "since_at", "deadline")
    return (enrolments.c[name] for name in names)


def _left(question: Question) -> tuple[Any, Any]:
    """How many events left the window since it was counted, and what they amounted to."""
    if question.window is None:
        return literal(0, BigInteger), literal(0, BigInteger)
    rows = tallied.alias("gone")
    amount = cast(func.coalesce(func.sum(rows.c.amount), 0), BigInteger)
    gone, lost = (
        select(one)
        .where(
            rows.c.lead_id == grown.c.lead_id,
            rows.c.type == question.type,
            rows.c.question == question.number,
            rows.c["at"] < question.begins,
        )
        .correlate_except(rows)
        .scalar_subquery()
        for one in (func.count(rows.c.id), amount)
    )
    return gone, lost


def _whose(table: Any, question: Question) -> list[Any]:
    mine = select(grown.c.lead_id).where(grown.c.type == question.type)
    return [
        table.c.lead_id.in_(mine),
        table.c.type == question.type,
        table.c.question == question.number,
    ]


def _disbelieving(question: Question) -> list[Prepared]:
    """What was counted ahead of a clock that went back is counted again."""
    ahead = tallies.alias("ahead")
    again = select(ahead.c.lead_id).where(*_whose(ahead, question), ahead.c.since > question.begins)
    return [
        Prepared(delete(tallied).where(*_whose(tallied, question), tallied.c.lead_id.in_(again))),
        Prepared(
            delete(tallies).where(*_whose(tallies, question), tallies.c.since > question.begins)
        ),
    ]


def _telling_apart(dialect: str) -> list[Prepared]:
    """Tell the visits of the pages that came; of all pages again, when one was told late."""
    row, head, later = events.alias("row"), visits.alias("head"), visits.alias("later")
    last = select(func.max(later.c.nth)).where(later.c.lead_id == grown.c.lead_id).scalar_subquery()
    is_head = and_(head.c.lead_id == grown.c.lead_id + NOTHING, head.c.nth == last)
    came = and_(
        row.c.lead_id == grown.c.lead_id + NOTHING,
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


def _marking(type_: str, dialect: str) -> list[Prepared]:
    """Note up to where all was counted; forget the counts that nobody asks for any more."""
    mark, row = tallies.alias("mark"), events.alias("row")
    came = and_(
        row.c.lead_id == grown.c.lead_id + NOTHING,
        row.c.type == type_,
        row.c.id > func.coalesce(mark.c.upto, -1),
        row.c.id <= grown.c.upto,
    )
    source = grown.outerjoin(mark, _is_mark(mark, grown)).outerjoin(row, came)
    latest, kept = func.max(row.c.occurred_at), mark.c.last_at
    values = {
        "lead_id": grown.c.lead_id,
        "type": grown.c.type,
        "question": literal(ALL, BigInteger),
        "anchor": literal("", Text),
        "upto": grown.c.upto,
        "count": _QUESTIONS,
        "total": literal(0, BigInteger),
        "last_at": _latest(dialect, kept, latest),
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


def _latest(dialect: str, kept: Any, latest: Any) -> Any:
    """The later of two instants, of which each may be missing."""
    later: Any = func.greatest if dialect == "postgresql" else func.max
    return later(func.coalesce(kept, latest), func.coalesce(latest, kept))
