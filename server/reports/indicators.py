"""The indicators of a period, as plugins declare them, each kind counted by one set statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.events import EventPattern
from relance.indicator import (
    EventCount,
    FollowedCount,
    Indicator,
    LastBefore,
    LeadCount,
    Mean,
    Measure,
    Ratio,
    Sales,
    Shown,
    bases,
)
from server.engine.conditions.patterns import matches, number_in
from server.store.amounts import UNIT
from server.store.instants import Micros
from server.store.measured import among, measured
from server.store.schema.events import events

#: What a measure came to: a whole number, a mean, or money.
Found: TypeAlias = int | float | Decimal | None
#: What sales are of: their type, what changes them since, and what is looked for before each.
_Sold: TypeAlias = tuple[str, tuple[str, ...], LastBefore | None]


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant to another, the second left out."""

    start: Micros
    end: Micros


@dataclass
class _Counting:
    """One reading of a period; `found`: what each measure came to."""

    conn: AsyncConnection
    dialect: str
    period: Period
    currency: str
    #: The types of the index by which periods are counted.
    indexed: Sequence[str]
    found: dict[Measure, Found] = field(default_factory=dict)

    async def count(self, measures: Iterable[Measure]) -> None:
        """Count each of these, once."""
        wanted = {base: None for measure in measures for base in bases(measure)}
        plain = [one for one in wanted if isinstance(one, EventCount | Mean)]
        if plain:
            row = (
                await self.conn.execute(plain_query(plain, self.period, self.dialect, self.indexed))
            ).one()
            self.found |= dict(zip(plain, map(_number, row), strict=True))
        sold: dict[_Sold, list[Sales]] = {}
        for one in wanted:
            if isinstance(one, Sales):
                sold.setdefault((one.type, one.changes, one.latest), []).append(one)
            elif isinstance(one, FollowedCount | LeadCount):
                self.found[one] = await self.conn.scalar(self._query(one)) or 0
        for what, sales in sold.items():
            await self._sell(what, sales)

    def _query(self, measure: FollowedCount | LeadCount) -> Select[Any]:
        if isinstance(measure, FollowedCount):
            return _followed(measure, self.period, self.dialect, self.indexed)
        return _leads(measure, self.period, self.dialect, self.indexed)

    async def _sell(self, what: _Sold, sales: Sequence[Sales]) -> None:
        """Count and sum those, by what came last before each."""
        patterns = list({one.after: None for one in sales if one.after is not None})
        query = sales_query(what, patterns, self.period, self.currency, self.dialect, self.indexed)
        rows = (await self.conn.execute(query)).all()
        for one in sales:
            place = None if one.after is None else patterns.index(one.after)
            mine = [row for row in rows if place is None or row.last == place]
            count = sum(row.count for row in mine)
            worth = sum((Decimal(int(row.net)) for row in mine), Decimal(0)) / UNIT
            self.found[one] = worth if one.worth else count


async def read_indicators(
    conn: AsyncConnection,
    dialect: str,
    period: Period,
    currency: str,
    indicators: Sequence[Indicator],
) -> Mapping[str, Found]:
    """What each came to, by its key."""
    counting = _Counting(conn, dialect, period, currency, await measured(conn))
    await counting.count(one.measure for one in indicators)
    return {one.key: _value(one, counting.found) for one in indicators}


def _value(indicator: Indicator, found: Mapping[Measure, Found]) -> Found:
    return _of(indicator.measure, found, exact=indicator.shown is Shown.AMOUNT)


def _of(measure: Measure, found: Mapping[Measure, Found], *, exact: bool) -> Found:
    if not isinstance(measure, Ratio):
        return found[measure]
    part, whole = (_of(one, found, exact=exact) for one in (measure.part, measure.whole))
    if not whole or part is None:
        return None
    return Decimal(part) / Decimal(whole) if exact else float(part) / float(whole)


def _number(value: Any) -> Found:
    """A sum of whole numbers comes as a decimal from some stores."""
    return value if value is None or isinstance(value, float) else int(value)


def counted(indicators: Iterable[Indicator]) -> frozenset[str]:
    """The types of events that these count one by one, which the index by which it is done holds.

    Visitors are not: what they are counted from is most of what happens.
    """
    every = (base for one in indicators for base in bases(one.measure))
    return frozenset(
        base.type if isinstance(base, Sales) else base.pattern.type
        for base in every
        if isinstance(base, EventCount | Mean | Sales)
    )


def _within(
    rows: Any, types: Iterable[str], period: Period, indexed: Sequence[str]
) -> ColumnElement[bool]:
    """Events of those types in the period, by the index that holds no others where it can be."""
    wanted = sorted(set(types))
    held = [among(rows, indexed)] if set(wanted) <= set(indexed) else []
    return and_(
        *held,
        rows.c.type.in_(wanted),
        rows.c.occurred_at >= period.start,
        rows.c.occurred_at < period.end,
    )


def plain_query(
    measures: Sequence[EventCount | Mean], period: Period, dialect: str, indexed: Sequence[str]
) -> Select[Any]:
    """How many events each of these is about, or what they come to on average: one reading."""
    rows = events.alias("e")

    def one(measure: EventCount | Mean) -> ColumnElement[Any]:
        mine = matches(measure.pattern, rows, dialect)
        if isinstance(measure, EventCount):
            return func.coalesce(func.sum(case((mine, 1), else_=0)), 0)
        number = number_in(measure.property, rows, dialect)
        return func.avg(case((and_(mine, number >= 0, number <= measure.most), number)))

    types = (measure.pattern.type for measure in measures)
    return (
        select(*map(one, measures)).select_from(rows).where(_within(rows, types, period, indexed))
    )


def sales_query(
    what: _Sold,
    patterns: Sequence[EventPattern],
    period: Period,
    currency: str,
    dialect: str,
    indexed: Sequence[str],
) -> Select[Any]:
    """What was sold in the period, by the place among `patterns` of what came last before each."""
    type_, changing, latest = what
    rows, changes = events.alias("e"), events.alias("x")
    since = (
        select(func.coalesce(func.sum(changes.c.amount), 0))
        .where(
            changes.c.lead_id == rows.c.lead_id,
            changes.c.type.in_(changing) if changing else false(),
            changes.c.context_key == rows.c.subject_key,
            changes.c.currency == currency,
        )
        .correlate(rows)
        .scalar_subquery()
    )
    last = null() if latest is None else _last(rows, latest, patterns, dialect)
    sold = (
        select((rows.c.amount + since).label("net"), last.label("last"))
        .where(_within(rows, [type_], period, indexed), rows.c.currency == currency)
        .subquery()
    )
    return select(
        sold.c.last, func.count().label("count"), func.sum(sold.c.net).label("net")
    ).group_by(sold.c.last)


def _last(rows: Any, latest: LastBefore, patterns: Sequence[EventPattern], dialect: str) -> Any:
    """The place of what came last before; -1: of none of those patterns."""
    before = events.alias("c")
    places = [(matches(one, before, dialect), literal(at)) for at, one in enumerate(patterns)]
    window = int(latest.window.total_seconds() * 1_000_000)
    return (
        select(case(*places, else_=-1))
        .where(
            before.c.lead_id == rows.c.lead_id,
            before.c.type.in_(latest.types),
            before.c.occurred_at <= rows.c.occurred_at,
            before.c.occurred_at >= rows.c.occurred_at - window,
        )
        .order_by(before.c.occurred_at.desc(), before.c.id.desc())
        .limit(1)
        .correlate(rows)
        .scalar_subquery()
    )


def _followed(
    measure: FollowedCount, period: Period, dialect: str, indexed: Sequence[str]
) -> Select[Any]:
    rows, after = events.alias("e"), events.alias("p")
    window = int(measure.window.total_seconds() * 1_000_000)
    followed = (
        select(1)
        .where(
            after.c.lead_id == rows.c.lead_id,
            matches(measure.by, after, dialect),
            after.c.occurred_at >= rows.c.occurred_at,
            after.c.occurred_at <= rows.c.occurred_at + window,
        )
        .correlate(rows)
        .exists()
    )
    mine = matches(measure.pattern, rows, dialect)
    here = _within(rows, [measure.pattern.type], period, indexed)
    return select(func.count()).select_from(rows).where(here, mine, followed)


def _leads(measure: LeadCount, period: Period, dialect: str, indexed: Sequence[str]) -> Select[Any]:
    rows = events.alias("e")
    here = _within(rows, [measure.pattern.type], period, indexed)
    seen = (
        select(rows.c.lead_id)
        .where(here, matches(measure.pattern, rows, dialect))
        .distinct()
        .subquery()
    )
    query = select(func.count()).select_from(seen)
    if measure.also is None:
        return query
    also = events.alias("p")
    had = (
        select(1)
        .where(
            also.c.lead_id == seen.c.lead_id,
            matches(measure.also, also, dialect),
            also.c.occurred_at >= period.start,
            also.c.occurred_at < period.end,
        )
        .correlate(seen)
        .exists()
    )
    return query.where(had)
