"""Adding to the answers to questions what happened since they were counted."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, and_, cast, delete, func, literal, select
from sqlalchemy.sql.selectable import FromClause

from server.engine.batch import grown, insert_new, insert_or
from server.engine.conditions.history import since
from server.engine.conditions.patterns import matches
from server.engine.conditions.tallies import Question, lower
from server.engine.tallies.asked import CountedQuestion
from server.engine.tick import Prepared
from server.engine.unsought import Unsought
from server.store.schema.campaigns import enrolments
from server.store.schema.events import events
from server.store.schema.tallies import tallied, tallies


def counting(asked: CountedQuestion, dialect: str) -> list[Prepared]:
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
            enrolments.c.lead_id == Unsought(grown.c.lead_id),
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
        row.c.lead_id == Unsought(grown.c.lead_id),
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
        "last_at": latest(dialect, known.c.last_at, func.max(row.c.occurred_at)),
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
    later = tallies.alias("ahead")
    again = select(later.c.lead_id).where(*_whose(later, question), later.c.since > question.begins)
    return [
        Prepared(delete(tallied).where(*_whose(tallied, question), tallied.c.lead_id.in_(again))),
        Prepared(
            delete(tallies).where(*_whose(tallies, question), tallies.c.since > question.begins)
        ),
    ]


def latest(dialect: str, kept: Any, latest: Any) -> Any:
    """The later of two instants, of which each may be missing."""
    later: Any = func.greatest if dialect == "postgresql" else func.max
    return later(func.coalesce(kept, latest), func.coalesce(latest, kept))
