"""The indicators of a period, as plugins declare them, each kind counted by one set statement.

Of many periods, as a course over days has, by the same statement: the base is read once for all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
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
    true,
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
from server.reports.indicator_periods import (
    WRITTEN,
    Period,
    Periods,
    bounds,
    periods_of,
    within,
)
from server.reports.lead_counts import by_days, counted_leads
from server.store.amounts import UNIT
from server.store.measured import measured
from server.store.schema.events import events

#: What a measure came to: a whole number, a mean, or money.
Found: TypeAlias = int | float | Decimal | None
#: What sales are of: their type, what changes them since, and what is looked for before each.
_Sold: TypeAlias = tuple[str, tuple[str, ...], LastBefore | None]


@dataclass
class _Counting:
    """One reading, of `each` of the periods; `found`: what each measure came to, by the number of its period."""

    conn: AsyncConnection
    dialect: str
    each: Sequence[Period]
    over: Periods
    currency: str
    #: The types of the index by which periods are counted.
    indexed: tuple[str, ...]
    found: list[dict[Measure, Found]]

    async def count(self, measures: Iterable[Measure]) -> None:
        """Count each of these, once."""
        wanted = {base: None for measure in measures for base in bases(measure)}
        for found in self.found:
            found |= {one: None if isinstance(one, Mean) else 0 for one in wanted}
        asked = bounds(self.each)
        plain = tuple(one for one in wanted if isinstance(one, EventCount | Mean))
        if plain:
            query = plain_query(plain, self.over, self.dialect, self.indexed)
            for number, *values in await self.conn.execute(query, asked):
                self.found[number] |= dict(zip(plain, map(_number, values), strict=True))
        sold: dict[_Sold, list[Sales]] = {}
        for one in wanted:
            if isinstance(one, Sales):
                sold.setdefault((one.type, one.changes, one.latest), []).append(one)
            elif isinstance(one, FollowedCount):
                query = _followed(one, self.over, self.dialect, self.indexed)
                for number, count in await self.conn.execute(query, asked):
                    self.found[number][one] = count
            elif isinstance(one, LeadCount):
                given = (self.each, self.over, self.indexed)
                for number, count in await counted_leads(self.conn, one, *given):
                    self.found[number][one] = count
        for what, sales in sold.items():
            await self._sell(what, sales)

    async def _sell(self, what: _Sold, sales: Sequence[Sales]) -> None:
        """Count and sum those, by what came last before each."""
        patterns = tuple({one.after: None for one in sales if one.after is not None})
        query = sales_query(what, patterns, self.over, self.currency, self.dialect, self.indexed)
        rows = (await self.conn.execute(query, bounds(self.each))).all()
        for one in sales:
            place = None if one.after is None else patterns.index(one.after)
            mine = [row for row in rows if place is None or row.last == place]
            for row in mine:
                came = Decimal(int(row.net)) / UNIT if one.worth else row.count
                self.found[row.number][one] = (self.found[row.number][one] or 0) + came
            for found in self.found:
                if one.worth:
                    found[one] = Decimal(found[one] or 0)


async def read_indicators(
    conn: AsyncConnection,
    dialect: str,
    period: Period,
    currency: str,
    indicators: Sequence[Indicator],
) -> Mapping[str, Found]:
    """What each came to, by its key."""
    return (await read_course(conn, dialect, (period,), currency, indicators))[0]


async def read_course(
    conn: AsyncConnection,
    dialect: str,
    periods: Sequence[Period],
    currency: str,
    indicators: Sequence[Indicator],
) -> Sequence[Mapping[str, Found]]:
    """The same of each of these, in their order."""
    found: list[dict[Measure, Found]] = [{} for _ in periods]
    over = periods_of(dialect, periods[0].campaign if periods else None)
    indexed = tuple(await measured(conn))
    counting = _Counting(conn, dialect, periods, over, currency, indexed, found)
    await counting.count(one.measure for one in indicators)
    return [_values(indicators, one) for one in found]


def _values(indicators: Sequence[Indicator], found: Mapping[Measure, Found]) -> Mapping[str, Found]:
    return {one.key: _of(one.measure, found, exact=one.shown is Shown.AMOUNT) for one in indicators}


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

    Those of who saw a page are not: what they would be counted from is most of what happens.
    """
    every = (base for one in indicators for base in bases(one.measure))
    return frozenset(type_ for base in every for type_ in _types(base))


def _types(base: EventCount | Mean | LeadCount | FollowedCount | Sales) -> Iterator[str]:
    if isinstance(base, Sales):
        yield base.type
    elif not by_days(base):
        yield base.pattern.type
    elif isinstance(base, LeadCount) and base.also is not None:
        yield base.also.type


@lru_cache(WRITTEN)
def plain_query(
    measures: tuple[EventCount | Mean, ...],
    over: Periods,
    dialect: str,
    indexed: tuple[str, ...],
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
        select(over.number, *map(one, measures))
        .select_from(over.rows.join(rows, true()))
        .where(within(rows, types, over, indexed))
        .group_by(over.number)
    )


@lru_cache(WRITTEN)
def sales_query(
    what: _Sold,
    patterns: tuple[EventPattern, ...],
    over: Periods,
    currency: str,
    dialect: str,
    indexed: tuple[str, ...],
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
        select(over.number, (rows.c.amount + since).label("net"), last.label("last"))
        .select_from(over.rows.join(rows, true()))
        .where(within(rows, [type_], over, indexed), rows.c.currency == currency)
        .subquery()
    )
    keys = (sold.c.number, sold.c.last)
    return select(*keys, func.count().label("count"), func.sum(sold.c.net).label("net")).group_by(
        *keys
    )


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


@lru_cache(WRITTEN)
def _followed(
    measure: FollowedCount, over: Periods, dialect: str, indexed: tuple[str, ...]
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
    here = within(rows, [measure.pattern.type], over, indexed)
    counted: Any = select(over.number, func.count())
    of_each = counted.select_from(over.rows.join(rows, true())).where(here, mine, followed)
    found: Select[Any] = of_each.group_by(over.number)
    return found
