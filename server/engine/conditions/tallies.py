"""How many, how much, and when last: what was counted once, and the few events since, as SQL.

A history has no bound, and a stranger can make one long. So the engine counts it as it grows
(`server.engine.tallies`), and each answer here is that count plus the events after it. Who has a
short history has no count: all of it is looked at.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.sql.selectable import FromClause

from relance import facts
from relance.codec import contract, dumped
from relance.events import PAGE_VISITED, EventPattern
from server.engine import parameters
from server.engine.conditions.history import (
    alone,
    by_lead,
    entry_of,
    passed_at,
    seen,
    span_ago,
    valued,
)
from server.engine.conditions.scope import Scope
from server.store.ids import ANY
from server.store.instants import Micros, midnight
from server.store.schema.campaigns import journal
from server.store.schema.tallies import tallied, tallies

PAGES = facts.Events(EventPattern(PAGE_VISITED))
#: To be raised when a pattern comes to stand for other events: what was counted no longer counts.
_RULE = 1
#: The question that stands for all events of a type, and before any event.
ALL, _NONE = 0, literal(-1, BigInteger)
_LONG_AGO = literal(-(2**62), BigInteger)


@dataclass(frozen=True)
class Question:
    """Which events are counted; `unit`: the currency of those whose amounts are added."""

    events: facts.Events
    scope: Scope
    unit: str | None = None

    @property
    def type(self) -> str:
        """The type of the events."""
        return self.events.pattern.type

    @property
    def since(self) -> facts.Anchor | None:
        """Since when; what only means something in a campaign means nothing outside."""
        anchor = self.events.since
        outside = self.scope.enrolment is None
        lasting = isinstance(anchor, facts.SinceDate | facts.SinceAgo)
        return None if outside and not lasting else anchor

    @property
    def window(self) -> Micros | None:
        """How long « les N derniers jours » last."""
        return span_ago(self.since) if isinstance(self.since, facts.SinceAgo) else None

    @property
    def begins(self) -> ColumnElement[int] | None:
        """No event that happened before is counted."""
        since = self.since
        if isinstance(since, facts.SinceDate):
            return literal(midnight(since.day, self.scope.zone), BigInteger)
        if isinstance(since, facts.SinceAgo):
            return parameters.NOW - literal(span_ago(since), BigInteger)
        if isinstance(since, facts.SinceStep):
            return passed_at(since, self.scope)
        return None

    @property
    def number(self) -> int:
        """What tells it from others, the same from one start to the next."""
        since = self.since
        kind: object = type(since).__name__
        if isinstance(since, facts.SinceDate):
            kind = midnight(since.day, self.scope.zone)
        elif isinstance(since, facts.SinceAgo):
            kind = ("ago", self.window)
        # In the words of the release that first counted: a format that changes asks nothing else.
        pattern: Any = contract.encode(self.events.pattern)
        asked = (_RULE, dumped({**pattern, "format": 2}), kind, self.unit)
        # What one stay among several asks is not counted ahead: each event is looked at.
        text = repr((*asked, self.scope.stays_by) if valued(self.since, self.scope) else asked)
        return int.from_bytes(sha256(text.encode()).digest()[:8], "big") >> 2 | 1

    @property
    def anchor(self) -> ColumnElement[str]:
        """Since when in a campaign, as a key: the same events, whichever enrolment asks."""
        here, since = self.scope.enrolment, self.since
        if here is None or isinstance(since, facts.SinceDate | facts.SinceAgo | None):
            return literal("", Text)
        if isinstance(since, facts.SinceStep):
            return _key(self.begins)
        if isinstance(since, facts.SinceEntry):
            return _key(entry_of(here), here.c.entered_at)
        return _key(here.c.since_event, here.c.since_at, here.c.deadline)


def _key(*parts: Any) -> ColumnElement[str]:
    written = [func.coalesce(cast(part, Text), "") for part in parts]
    found: ColumnElement[Any] = written[0]
    for one in written[1:]:
        found = found + literal("/", Text) + one
    return found


def questions(parts: Iterable[object], scope: Scope) -> Iterator[Question]:
    """What the parts of a condition, or of whatever holds some, ask of histories."""
    for node in parts:
        match node:
            case facts.Total(several, currency):
                unit = currency or scope.fields.currency
                yield from (Question(one, scope, unit) for one in several)
            case facts.Events():
                yield Question(node, scope)
            case facts.LastVisitLength():
                yield Question(PAGES, scope)


def lower(question: Question, counted: Any) -> ColumnElement[int]:
    """The last event that need not be looked at. `counted`: up to where it was counted."""
    here, since, begins = question.scope.enrolment, question.since, question.begins
    bound: Any = _NONE
    if begins is not None:
        bound = case((begins.is_(None), ANY), else_=_all_before(question, begins))
    elif here is not None and isinstance(since, facts.SinceWait):
        bound = here.c.since_event
    elif here is not None and isinstance(since, facts.SinceEntry):
        cause = entry_of(here)
        before = _all_before(question, here.c.entered_at)
        bound = case((cause.is_(None), before), else_=cause - 1)
    return func.coalesce(counted, bound, _NONE)


def _all_before(question: Question, instant: ColumnElement[int]) -> ColumnElement[int]:
    """The last event known to have happened before, with all those that came before it."""
    mark = tallies.alias()
    return _in(
        select(mark.c.upto).where(
            mark.c.lead_id == question.scope.lead_id,
            mark.c.type == question.type,
            mark.c.question == ALL,
            mark.c.anchor == "",
            mark.c.last_at < instant,
        ),
        mark,
    )


def _in(query: Any, *rows: FromClause) -> ColumnElement[Any]:
    found: ColumnElement[Any] = query.correlate_except(*rows, journal).scalar_subquery()
    return found


class Tally:
    """The answer to a question about the leads of a scope, in two parts."""

    def __init__(self, question: Question) -> None:
        self._question = question
        counted = tallies.alias()
        self._counted = counted
        begins = question.begins
        self._mine = [
            counted.c.lead_id == question.scope.lead_id,
            counted.c.type == question.type,
            counted.c.question == question.number,
            counted.c.anchor == question.anchor,
        ]
        if question.window is not None:
            # Of a window counted ahead of a clock that went back, nothing is known.
            self._mine.append(counted.c.since <= begins)
        rows, wanted = seen(question.events, question.scope)
        tests = [wanted, rows.c.id > lower(question, self._counted_value(counted.c.upto))]
        if question.unit is not None:
            tests.append(rows.c.currency == question.unit)
        self.rows, self.test = rows, and_(*tests)

    def _counted_value(self, value: Any) -> ColumnElement[Any]:
        return _in(select(value).where(*self._mine), self._counted)

    def _less(self, of: Any, taken: Any) -> ColumnElement[Any]:
        """What was counted, less what left the window since."""
        if self._question.window is None:
            return self._counted_value(of)
        rows = tallied.alias()
        gone = select(taken(rows)).where(
            rows.c.lead_id == self._counted.c.lead_id,
            rows.c.type == self._counted.c.type,
            rows.c.question == self._counted.c.question,
            rows.c["at"] < self._question.begins,
        )
        left = _in(by_lead(gone, rows, self._question.scope), rows)
        return self._counted_value(of - func.coalesce(left, literal(0, BigInteger)))

    @property
    def counted(self) -> ColumnElement[int]:
        """How many were counted."""
        how_many = self._less(self._counted.c.count, lambda rows: func.count(rows.c.id))
        return func.coalesce(how_many, literal(0, BigInteger))

    @property
    def count(self) -> ColumnElement[int]:
        """How many there are."""
        tail = self._tail(select(func.count()).select_from(self.rows))
        return self.counted + func.coalesce(tail, literal(0, BigInteger))

    def _tail(self, found: Any) -> ColumnElement[Any]:
        """That of the events since; NULL when there may be none."""
        return alone(by_lead(found.where(self.test), self.rows, self._question.scope), self.rows)

    @property
    def any(self) -> ColumnElement[bool]:
        """Whether there is one."""
        tail = select(1).select_from(self.rows).where(self.test)
        return or_(self.counted > 0, exists(tail.correlate_except(self.rows, journal)))

    @property
    def total(self) -> ColumnElement[int]:
        """The sum of their amounts, in ten-thousandths; 0 when there is none."""
        amount = cast(func.sum(self.rows.c.amount), BigInteger)
        tail = self._tail(select(amount).select_from(self.rows))
        counted = self._less(
            self._counted.c.total,
            lambda rows: cast(func.sum(rows.c.amount), BigInteger),
        )
        none = literal(0, BigInteger)
        return func.coalesce(counted, none) + func.coalesce(tail, none)

    @property
    def last_at(self) -> ColumnElement[int]:
        """When the last happened; NULL when there is none."""
        tail = self._tail(select(func.max(self.rows.c.occurred_at)))
        counted = self._counted_value(self._counted.c.last_at)
        if self._question.window is not None:
            counted = self._counted_value(
                case((self._counted.c.last_at >= self._question.begins, self._counted.c.last_at))
            )
        postgresql = self._question.scope.dialect == "postgresql"
        later: Any = func.greatest if postgresql else func.max
        last = later(func.coalesce(counted, _LONG_AGO), func.coalesce(tail, _LONG_AGO))
        return func.nullif(last, _LONG_AGO, type_=BigInteger())

    @property
    def first_at(self) -> ColumnElement[int]:
        """When the first of a window happened; NULL when there is none."""
        rows, scope = tallied.alias(), self._question.scope
        # Only what was counted for a window that is still believed.
        believed = _in(select(self._counted.c.lead_id).where(*self._mine), self._counted)
        oldest = select(func.min(rows.c["at"])).where(
            rows.c.lead_id == scope.lead_id,
            rows.c.lead_id == believed,
            rows.c.type == self._question.type,
            rows.c.question == self._question.number,
            rows.c["at"] >= self._question.begins,
        )
        tail = self._tail(select(func.min(self.rows.c.occurred_at)))
        earlier: Any = func.least if scope.dialect == "postgresql" else func.min
        never = literal(ANY, BigInteger)
        counted = _in(by_lead(oldest, rows, scope), rows)
        first = earlier(func.coalesce(counted, never), func.coalesce(tail, never))
        return func.nullif(first, never, type_=BigInteger())


def tally(wanted: facts.Events, scope: Scope, unit: str | None = None) -> Tally:
    """The answer about such events."""
    return Tally(Question(wanted, scope, unit))


def last_seen(wanted: facts.Events, scope: Scope) -> ColumnElement[int]:
    """When the last of them happened."""
    return tally(wanted, scope).last_at
