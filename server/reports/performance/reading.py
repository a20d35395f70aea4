"""Counters read: how many of which kinds, from a day to another, by what one asks."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Text,
    any_,
    bindparam,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.counters.counted import LONGEST
from server.store.schema.campaigns import campaigns as campaign_rows
from server.store.schema.counters import counter_changes, counters

_EPOCH = date(1970, 1, 1)
#: The campaign of what is counted for the whole house.
HOUSE = (0,)
#: Counters of now.
_NOW = 0


@dataclass(frozen=True, slots=True)
class DaySpan:
    """From a day to another, both in, in the zone of the house."""

    first: date
    last: date

    def test(self, day: ColumnElement[int]) -> ColumnElement[bool]:
        """That a counter is of one of them."""
        return day.between(number_of(self.first), number_of(self.last))

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=at) for at in range((self.last - self.first).days + 1))

    def blocks(self, size: int) -> tuple[Sequence["DaySpan"], Sequence["DaySpan"]]:
        """Whole blocks of so many days (none or one run of them), and the days at both ends."""
        first, last = number_of(self.first), number_of(self.last)
        begin, end = -(-first // size) * size, (last + 1) // size * size
        if begin >= end:
            return (), (self,)
        run = DaySpan(date_of(begin), date_of(end - 1))
        ends = [(first, begin - 1), (end, last)]
        return (run,), [DaySpan(date_of(a), date_of(b)) for a, b in ends if a <= b]


#: Since anything was counted.
EVER = DaySpan(date(1970, 1, 2), date(2200, 1, 1))


def number_of(day: date) -> int:
    """How counters number a day."""
    return (day - _EPOCH).days


def date_of(number: int) -> date:
    """The day of that number."""
    return _EPOCH + timedelta(days=number)


async def counted(
    conn: AsyncConnection,
    campaigns: Collection[int],
    kinds: Collection[str],
    days: DaySpan | None,
    *by: str,
    subjects: Collection[str] | None = None,
) -> Sequence[Any]:
    """A row for each of the columns `by`, with `n` and `total`; `days` None: as of now.

    `subjects`: of those alone.
    """
    dialect = conn.dialect.name
    held: dict[str, Any] = {
        "campaigns": _listed(campaigns, dialect),
        "kinds": _listed(kinds, dialect),
    }
    if days is not None:
        held |= {"first": number_of(days.first), "last": number_of(days.last)}
    if subjects is not None:
        held |= {"subjects": _listed({one[:LONGEST] for one in subjects}, dialect)}
    query = _query(dialect, by, of_now=days is None, named=subjects is not None)
    found: Sequence[Any] = (await conn.execute(query, held)).all()
    return found


@cache
def _query(dialect: str, by: tuple[str, ...], *, of_now: bool, named: bool) -> Select[Any]:
    """That question, made once: a page asks a dozen of them, and to make one costs as much as its answer."""
    every = [_of(table, dialect, by, of_now=of_now, named=named) for table in tables_of(dialect)]
    first, *others = every
    if not others:
        return first
    both = union_all(first, *others).subquery()
    columns = [both.c[name] for name in by]
    return select(*columns, _sum(both.c.n, "n"), _sum(both.c.total, "total")).group_by(*columns)


def _of(table: Any, dialect: str, by: Sequence[str], *, of_now: bool, named: bool) -> Select[Any]:
    columns = [table.c[name] for name in by]
    day = table.c.day
    tests = [
        _among(table.c.campaign_id, "campaigns", dialect),
        _among(table.c.kind, "kinds", dialect),
        day == _NOW if of_now else day.between(bindparam("first"), bindparam("last")),
    ]
    if named:
        tests.append(_among(table.c.subject, "subjects", dialect))
    query = select(*columns, _sum(table.c.n, "n"), _sum(table.c.total, "total")).where(*tests)
    return query.group_by(*columns) if by else query


def _among(column: Any, name: str, dialect: str) -> ColumnElement[bool]:
    """That it is one of those of a parameter, which is one whatever their number: there may be thousands
    of campaigns, and a statement written anew for each number of them costs more than its answer."""
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(column.type)))  # type: ignore[no-any-return]
    each = func.json_each(bindparam(name, type_=Text)).table_valued("value")
    return column.in_(select(each.c.value))  # type: ignore[no-any-return]


def _listed(values: Collection[Any], dialect: str) -> Any:
    """These, as that parameter."""
    return sorted(values) if dialect == "postgresql" else json.dumps(sorted(values))


def _sum(column: Any, name: str) -> Any:
    return cast(func.coalesce(func.sum(column), 0), BigInteger).label(name)


async def last_days(
    conn: AsyncConnection, campaigns: Collection[int], kind: str
) -> Mapping[int, date]:
    """The last day that something of that kind was counted of each of these campaigns."""
    query = select(campaign_rows.c.id, last_day(conn.dialect.name, kind))
    rows = await conn.execute(query.where(campaign_rows.c.id.in_(sorted(campaigns))))
    return {campaign: date_of(day) for campaign, day in rows if day > 0}


def last_day(dialect: str, kind: str) -> ColumnElement[int]:
    """The number of that day, of the campaign in each row of a query of campaigns; 0 where there is none.

    From the last day back, a campaign at a time: of years, one row of each is read.
    """
    days = []
    for table in tables_of(dialect):
        mine = (table.c.campaign_id == campaign_rows.c.id, table.c.kind == kind, table.c.n > 0)
        latest = select(table.c.day).where(*mine).order_by(table.c.day.desc()).limit(1)
        days.append(func.coalesce(latest.correlate(campaign_rows).scalar_subquery(), 0))
    first, *others = days
    return func.greatest(first, *others) if others else first


def tables_of(dialect: str) -> Sequence[Any]:
    """Where counters are: on PostgreSQL, their changes stand beside them until they are added up."""
    return (counters, counter_changes) if dialect == "postgresql" else (counters,)
