"""The indicators of a period, as plugins declare them, each kind counted by one set statement.

Of many periods, as a course over days has, by the same statement: the base is read once for all.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    null,
    select,
    text,
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
from server.store.amounts import UNIT
from server.store.instants import Micros
from server.store.measured import among, measured
from server.store.schema.campaigns import enrolments
from server.store.schema.events import events

#: What a measure came to: a whole number, a mean, or money.
Found: TypeAlias = int | float | Decimal | None
#: What sales are of: their type, what changes them since, and what is looked for before each.
_Sold: TypeAlias = tuple[str, tuple[str, ...], LastBefore | None]


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant to another, the second left out.

    `campaign`: of what was done alone by those who entered it, since they first did.
    """

    start: Micros
    end: Micros
    campaign: int | None = None


@dataclass(frozen=True, slots=True)
class Periods:
    """Several, as rows that a statement reads beside events, told apart by their number."""

    rows: FromClause
    campaign: int | None = None

    @property
    def start(self) -> ColumnElement[int]:
        """When each begins."""
        return self.rows.c.start

    @property
    def end(self) -> ColumnElement[int]:
        """When each ends."""
        return self.rows.c.end

    @property
    def number(self) -> ColumnElement[int]:
        """Its place among them."""
        return self.rows.c.number


_ROWS: Mapping[str, str] = {
    "sqlite": "SELECT key AS number, json_extract(value, '$[0]') AS start, "
    "json_extract(value, '$[1]') AS \"end\" FROM json_each(:bounds)",
    "postgresql": "SELECT number - 1 AS number, CAST(value ->> 0 AS BIGINT) AS start, "
    'CAST(value ->> 1 AS BIGINT) AS "end" FROM jsonb_array_elements(CAST(:bounds AS JSONB)) '
    "WITH ORDINALITY AS each_of_them (value, number)",
}


def periods_of(each: Sequence[Period], dialect: str) -> Periods:
    """These, as rows; all of the same campaign, if of any."""
    bounds = json.dumps([(one.start, one.end) for one in each])
    types = dict.fromkeys(("number", "start", "end"), BigInteger)
    rows = text(_ROWS[dialect]).bindparams(bounds=bounds).columns(**types)
    return Periods(rows.cte("periods"), each[0].campaign if each else None)


@dataclass
class _Counting:
    """One reading; `found`: what each measure came to, by the number of its period."""

    conn: AsyncConnection
    dialect: str
    over: Period | Periods
    currency: str
    #: The types of the index by which periods are counted.
    indexed: Sequence[str]
    found: list[dict[Measure, Found]]

    async def count(self, measures: Iterable[Measure]) -> None:
        """Count each of these, once."""
        wanted = {base: None for measure in measures for base in bases(measure)}
        for found in self.found:
            found |= {one: None if isinstance(one, Mean) else 0 for one in wanted}
        plain = [one for one in wanted if isinstance(one, EventCount | Mean)]
        if plain:
            query = plain_query(plain, self.over, self.dialect, self.indexed)
            for number, *values in await self.conn.execute(query):
                self.found[number] |= dict(zip(plain, map(_number, values), strict=True))
        sold: dict[_Sold, list[Sales]] = {}
        for one in wanted:
            if isinstance(one, Sales):
                sold.setdefault((one.type, one.changes, one.latest), []).append(one)
            elif isinstance(one, FollowedCount | LeadCount):
                for number, count in await self.conn.execute(self._query(one)):
                    self.found[number][one] = count
        for what, sales in sold.items():
            await self._sell(what, sales)

    def _query(self, measure: FollowedCount | LeadCount) -> Select[Any]:
        if isinstance(measure, FollowedCount):
            return _followed(measure, self.over, self.dialect, self.indexed)
        return _leads(measure, self.over, self.dialect, self.indexed)

    async def _sell(self, what: _Sold, sales: Sequence[Sales]) -> None:
        """Count and sum those, by what came last before each."""
        patterns = list({one.after: None for one in sales if one.after is not None})
        query = sales_query(what, patterns, self.over, self.currency, self.dialect, self.indexed)
        rows = (await self.conn.execute(query)).all()
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
    counting = _Counting(conn, dialect, period, currency, await measured(conn), [{}])
    await counting.count(one.measure for one in indicators)
    return _values(indicators, counting.found[0])


async def read_course(
    conn: AsyncConnection,
    dialect: str,
    periods: Sequence[Period],
    currency: str,
    indicators: Sequence[Indicator],
) -> Sequence[Mapping[str, Found]]:
    """The same of each of these, in their order."""
    found: list[dict[Measure, Found]] = [{} for _ in periods]
    over = periods_of(periods, dialect)
    counting = _Counting(conn, dialect, over, currency, await measured(conn), found)
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

    Visitors are not: what they are counted from is most of what happens.
    """
    every = (base for one in indicators for base in bases(one.measure))
    return frozenset(
        base.type if isinstance(base, Sales) else base.pattern.type
        for base in every
        if isinstance(base, EventCount | Mean | Sales)
    )


def _within(
    rows: Any, types: Iterable[str], over: Period | Periods, indexed: Sequence[str]
) -> ColumnElement[bool]:
    """Events of those types in the period, by the index that holds no others where it can be."""
    wanted = sorted(set(types))
    held = [among(rows, indexed)] if set(wanted) <= set(indexed) else []
    return and_(
        *held,
        *(() if over.campaign is None else [_entered(rows, over.campaign)]),
        rows.c.type.in_(wanted),
        rows.c.occurred_at >= over.start,
        rows.c.occurred_at < over.end,
    )


def _entered(rows: Any, campaign: int) -> ColumnElement[bool]:
    """That those events are of leads who had entered that campaign by then."""
    stays = enrolments.alias("n")
    had = select(1).where(
        stays.c.lead_id == rows.c.lead_id,
        stays.c.campaign_id == campaign,
        stays.c.entered_at <= rows.c.occurred_at,
    )
    return had.correlate(rows).exists()


def _beside(over: Period | Periods, rows: FromClause) -> FromClause:
    """What a statement reads: those events, of each of the periods."""
    return over.rows.join(rows, true()) if isinstance(over, Periods) else rows


def _numbered(over: Period | Periods) -> ColumnElement[int]:
    """The number of the period."""
    number = over.number if isinstance(over, Periods) else literal(0)
    return number.label("number")


def _by(over: Period | Periods, *columns: ColumnElement[Any]) -> Sequence[ColumnElement[Any]]:
    """What a statement groups by."""
    return (*((over.number,) if isinstance(over, Periods) else ()), *columns)


def plain_query(
    measures: Sequence[EventCount | Mean],
    over: Period | Periods,
    dialect: str,
    indexed: Sequence[str],
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
        select(_numbered(over), *map(one, measures))
        .select_from(_beside(over, rows))
        .where(_within(rows, types, over, indexed))
        .group_by(*_by(over))
    )


def sales_query(
    what: _Sold,
    patterns: Sequence[EventPattern],
    over: Period | Periods,
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
        select(_numbered(over), (rows.c.amount + since).label("net"), last.label("last"))
        .select_from(_beside(over, rows))
        .where(_within(rows, [type_], over, indexed), rows.c.currency == currency)
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


def _followed(
    measure: FollowedCount, over: Period | Periods, dialect: str, indexed: Sequence[str]
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
    here = _within(rows, [measure.pattern.type], over, indexed)
    counted: Any = select(_numbered(over), func.count())
    of_each = counted.select_from(_beside(over, rows)).where(here, mine, followed)
    found: Select[Any] = of_each.group_by(*_by(over))
    return found


def _leads(
    measure: LeadCount, over: Period | Periods, dialect: str, indexed: Sequence[str]
) -> Select[Any]:
    rows = events.alias("e")
    here = _within(rows, [measure.pattern.type], over, indexed)
    several = isinstance(over, Periods)
    bounds = (over.start.label("start"), over.end.label("end")) if isinstance(over, Periods) else ()
    seen = (
        select(_numbered(over), rows.c.lead_id, *bounds)
        .select_from(_beside(over, rows))
        .where(here, matches(measure.pattern, rows, dialect))
        .distinct()
        .subquery()
    )
    counts: Any = select(seen.c.number, func.count())
    query: Select[Any] = counts.group_by(seen.c.number)
    if measure.also is None:
        return query
    also = events.alias("p")
    had = (
        select(1)
        .where(
            also.c.lead_id == seen.c.lead_id,
            matches(measure.also, also, dialect),
            also.c.occurred_at >= (seen.c.start if several else over.start),
            also.c.occurred_at < (seen.c.end if several else over.end),
        )
        .correlate(seen)
        .exists()
    )
    return query.where(had)
