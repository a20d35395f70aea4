"""How many different leads saw a page over each of some periods, whatever the number of pages.

Of whole days, counters tell: those who came each day, less those who had come before within the period
(`server.store.counters.visitors`). Where a period begins or ends within a day, those who came that day
are looked at one by one.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from sqlalchemy import BigInteger, FromClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.events import PAGE_VISITED
from server.store.counters.counted import BLOCK, OF_BLOCK, RETURNED, VISITOR_DAYS, VISITORS
from server.store.counting import PREFIX
from server.store.instants import DAY, Micros

#: What keeps those days: a base that has it not is read otherwise.
_KEPT = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = :name",
    "postgresql": "SELECT count(*) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
    "WHERE relnamespace = current_schema()::regnamespace AND tgname = :name",
}
_KEEPER = f"{PREFIX}{VISITOR_DAYS}_insert"


class HasBounds(Protocol):
    """From an instant to another, the second left out."""

    @property
    def start(self) -> Micros:
        """The first."""

    @property
    def end(self) -> Micros:
        """The second."""


class VisitedDays(NamedTuple):
    """The days of a period: `first` and `last` that it has a part of, and those it has whole."""

    number: int
    since: Micros
    until: Micros
    first: int
    last: int
    first_whole: int
    last_whole: int

    @property
    def partial(self) -> Sequence[int]:
        """Those it has a part of only."""
        return [
            day
            for day in dict.fromkeys((self.first, self.last))
            if not self.first_whole <= day <= self.last_whole
        ]

    def returns(self) -> Iterator[tuple[int, str, int, int, int]]:
        """Which counters say who of its days had come before in it: its number, a kind, a day, and from
        which day to which they last had. Of blocks of days, where they are many."""
        first, last = self.first_whole, self.last_whole
        begin, end = -(-first // BLOCK) * BLOCK, (last + 1) // BLOCK * BLOCK
        if end - begin < 2 * BLOCK:
            begin = end = first
        for block in range(begin, end, BLOCK):
            yield self.number, f"{RETURNED}{OF_BLOCK}", block, begin, block
        for day in range(first + 1, last + 1):
            latest = min(day, begin) - 1 if day < end else day - 1
            if latest >= first:
                yield self.number, RETURNED, day, first, latest


@dataclass(frozen=True, slots=True)
class VisitorCount:
    """Counts them. `shifts`: how far the clocks of the house are from UTC, `since` which instants; `known`:
    the first and the last day of which anything was counted."""

    conn: AsyncConnection
    since: Sequence[Micros]
    shifts: Sequence[int]
    known: tuple[int, int]

    def days(self, periods: Sequence[HasBounds]) -> Sequence[VisitedDays]:
        """Those of each of these, by its place among them."""
        return [self._days(number, one) for number, one in enumerate(periods)]

    def _days(self, number: int, one: HasBounds) -> VisitedDays:
        whole = max(self.day(one.start - 1) + 1, self.known[0])
        last_whole = min(self.day(one.end) - 1, self.known[1])
        ends = self.day(one.start), self.day(one.end - 1)
        return VisitedDays(number, one.start, one.end, *ends, whole, last_whole)

    def day(self, at: Micros) -> int:
        """The local day of an instant, as `server.store.counters.counted.day_of` says it."""
        place = bisect_right(self.since, at)
        local = max(at, 0) + (self.shifts[place - 1] if place else 0)
        return local // DAY if local >= 0 else -(-local // DAY)

    def end_of(self, day: int) -> Micros:
        """The first instant after a local day."""
        last, after = (day + 1) * DAY - 2 * DAY, (day + 1) * DAY + 2 * DAY
        while after - last > 1:
            middle = (last + after) // 2
            last, after = (middle, after) if self.day(middle) <= day else (last, middle)
        return after

    async def count(self, periods: Sequence[VisitedDays]) -> Sequence[int]:
        """How many came over each."""
        dialect = self.conn.dialect.name
        spans = [one for period in periods for one in period.returns()]
        asked = {"periods": json.dumps(periods), "spans": json.dumps(spans)}
        found = [0] * len(periods)
        for number, n in await self.conn.execute(_OF_WHOLE_DAYS[dialect], asked):
            found[number] += int(n)
        parts = [(day, *period) for period in periods for day in period.partial]
        if parts:
            asked = {"parts": json.dumps(parts)}
            for number, n in await self.conn.execute(_OF_PARTS[dialect], asked):
                found[number] += int(n)
        return found


async def visitor_count(conn: AsyncConnection) -> VisitorCount | None:
    """What counts them by their days; None where the base does not keep these."""
    dialect = conn.dialect.name
    if not await conn.scalar(text(_KEPT[dialect]), {"name": _KEEPER}):
        return None
    rows = (await conn.execute(text("SELECT since, shift FROM zone_shifts ORDER BY since"))).all()
    clocks = [row[0] for row in rows], [row[1] for row in rows]
    first, last = (await conn.execute(_KNOWN)).one()
    return VisitorCount(conn, *clocks, (first or 0, -1 if last is None else last))


def rows_of_periods(dialect: str) -> FromClause:
    """Those that are given with a statement (`periods`, as JSON), as rows."""
    names = VisitedDays._fields
    query = f"SELECT {columns_of(names, dialect)} FROM {each_of('periods', dialect)}"  # noqa: S608
    return text(query).columns(**dict.fromkeys(names, BigInteger)).cte("days")


def each_of(name: str, dialect: str) -> str:
    """In SQL, the rows of a parameter, which is JSON."""
    if dialect == "sqlite":
        return f"json_each(:{name})"
    return f"jsonb_array_elements(CAST(:{name} AS JSONB)) AS each_of_them (value)"


def columns_of(names: Sequence[str], dialect: str, *, words: Sequence[str] = ()) -> str:
    """In SQL, what each holds, in order, by these names; numbers, but for the `words`."""
    if dialect == "sqlite":
        each = [f"json_extract(value, '$[{at}]')" for at in range(len(names))]
    else:
        types = ["TEXT" if name in words else "BIGINT" for name in names]
        each = [f"CAST(value ->> {at} AS {type_})" for at, type_ in enumerate(types)]
    return ", ".join(f'{one} AS "{name}"' for one, name in zip(each, names, strict=True))


def _counters(dialect: str) -> str:
    """The counters of the house, those that wait to be added up among them."""
    columns = "kind, day, place, n"
    of_house = f"SELECT {columns} FROM {{}} WHERE campaign_id = 0 AND version_id = 0"  # noqa: S608
    tables = ("counters", "counter_changes") if dialect == "postgresql" else ("counters",)
    return f"({' UNION ALL '.join(of_house.format(one) for one in tables)})"


def _of_whole_days(dialect: str) -> Any:
    """By period, those who came each of its days, less those of them who had come before."""
    periods = (
        f"SELECT {columns_of(VisitedDays._fields, dialect)} FROM {each_of('periods', dialect)}"  # noqa: S608
    )
    span = ("number", "kind", "day", "low", "high")
    spans = f"SELECT {columns_of(span, dialect, words=('kind',))} FROM {each_of('spans', dialect)}"  # noqa: S608
    counters = _counters(dialect)
    return text(
        "SELECT number, sum(n) FROM ("  # noqa: S608
        f"SELECT p.number, c.n FROM ({periods}) AS p CROSS JOIN {counters} AS c "
        f"WHERE c.kind = '{VISITORS}' AND c.day BETWEEN p.first_whole AND p.last_whole "
        f"UNION ALL SELECT s.number, -c.n FROM ({spans}) AS s CROSS JOIN {counters} AS c "
        "WHERE c.kind = s.kind AND c.day = s.day AND c.place BETWEEN s.low AND s.high"
        ") AS both_of_them GROUP BY number"
    )


def _of_parts(dialect: str) -> Any:
    """By period, those who came on a day it has a part of, in that part, and on none of its whole days."""
    names = ("day", *VisitedDays._fields)
    parts = f"SELECT {columns_of(names, dialect)} FROM {each_of('parts', dialect)}"  # noqa: S608
    return text(
        "SELECT p.number, count(DISTINCT v.lead_id) "  # noqa: S608
        f"FROM ({parts}) AS p CROSS JOIN {VISITOR_DAYS} v WHERE v.day = p.day "
        f"AND EXISTS (SELECT 1 FROM events e WHERE e.lead_id = v.lead_id AND e.type = '{PAGE_VISITED}' "
        "AND e.occurred_at >= p.since AND e.occurred_at < p.until) "
        f"AND NOT EXISTS (SELECT 1 FROM {VISITOR_DAYS} w WHERE w.lead_id = v.lead_id "
        "AND w.day BETWEEN p.first_whole AND p.last_whole) GROUP BY p.number"
    )


def _known() -> Any:
    """From which day to which anybody came."""
    came = f"SELECT {{}}(day) FROM {VISITOR_DAYS}"  # noqa: S608
    return text(f"SELECT ({came.format('min')}), ({came.format('max')})")


_DIALECTS = ("sqlite", "postgresql")
_OF_WHOLE_DAYS = {dialect: _of_whole_days(dialect) for dialect in _DIALECTS}
_OF_PARTS = {dialect: _of_parts(dialect) for dialect in _DIALECTS}
_KNOWN = _known()
