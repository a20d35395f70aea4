"""What « now » means to a statement compiled once and run for ever: its bound parameters.

A compiled statement holds named holes; each tick fills them from the instant and the zone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    Text,
    bindparam,
    literal,
)

from relance import facts
from server.store.ids import floor_of
from server.store.instants import DAY, HOUR, MINUTE, SECOND, Micros, local, midnight, to_micros

#: The instant of the tick.
NOW: BindParameter[int] = bindparam("p_now", type_=BigInteger)
#: Today in the campaign's zone, and its « MM-DD ».
TODAY: BindParameter[date] = bindparam("p_today", type_=Date)
MONTH_DAY: BindParameter[str] = bindparam("p_month_day", type_=Text)
YEAR: BindParameter[int] = bindparam("p_year", type_=Integer)
#: Minutes since local midnight.
MINUTES: BindParameter[int] = bindparam("p_minutes", type_=BigInteger)
#: Events made from here on were made by this very tick.
TICK_FLOOR: BindParameter[int] = bindparam("p_tick_floor", type_=BigInteger)
#: What was received is behind this; only when the clock went back does it say anything.
BEHIND: BindParameter[int] = bindparam("p_behind", type_=BigInteger)
#: The number of this passage of a statement, within the tick.
VISIT: BindParameter[int] = bindparam("p_visit", type_=Integer)
#: Holes that statements of several kinds leave: the number of the first row they insert, how many
#: rows they take at most, and the versions set aside.
FIRST: BindParameter[int] = bindparam("p_first_id", type_=BigInteger)
LIMIT: BindParameter[int] = bindparam("p_limit", type_=Integer)
QUARANTINE: BindParameter[int] = bindparam("p_quarantine", type_=BigInteger, expanding=True)
#: The rules outside campaigns that are set apart.
RULES_QUARANTINED: BindParameter[int] = bindparam(
    "p_rules_quarantined", type_=BigInteger, expanding=True
)

#: Spans, instants and days are kept within what dates can hold, whatever the zone.
_LONGEST = 10_000 * 366 * DAY
_FIRST_DAY, _LAST_DAY = date(2, 1, 1).toordinal(), date(9998, 12, 31).toordinal()
_FIRST, _LAST = (to_micros(datetime(year, 6, 1, tzinfo=UTC)) for year in (2, 9998))

_SHIFTED = "p_birthday_"
_SINCE = "p_since_"
#: The first days whose midnights, that much later, are still to come.
NEXT_DAYS = 4


class Zoned(Protocol):
    """Whose « now » it is; `holes` are the names its facts leave to fill beside the usual ones."""

    @property
    def id(self) -> int:
        """What tells it from others within a tick."""

    @property
    def zone(self) -> ZoneInfo:
        """Where its days begin."""

    @property
    def holes(self) -> frozenset[str]:
        """Names made by `holes_of`."""


def birthdays(days: int) -> tuple[BindParameter[str], BindParameter[str]]:
    """The « MM-DD » whose anniversary, `days` later, is today: two on 1 March of most years."""
    name = f"{_SHIFTED}{days}"
    return bindparam(name, type_=Text), bindparam(f"{name}_or", type_=Text)


def birthday_year(days: int) -> BindParameter[int]:
    """The year, `days` before today."""
    return bindparam(f"{_SHIFTED}{days}_year", type_=Integer)


def days_since(span: Micros) -> tuple[BindParameter[date], BindParameter[date]]:
    """The last day whose midnight is more than `span` ago, and the last for which it is so long ago."""
    name = f"{_SINCE}{span}"
    return bindparam(f"{name}_before", type_=Date), bindparam(f"{name}_upto", type_=Date)


def next_days(span: Micros) -> list[tuple[BindParameter[date], BindParameter[int]]]:
    """The days whose midnights will be `span` ago before long, and when that will be."""
    name = f"{_SINCE}{span}"
    return [
        (bindparam(f"{name}_d{n}", type_=Date), bindparam(f"{name}_t{n}", type_=BigInteger))
        for n in range(NEXT_DAYS)
    ]


def holes_of(nodes: Iterable[object]) -> frozenset[str]:
    """The names of the holes these facts leave."""
    return frozenset(name for node in nodes for name in _holes(node))


def _holes(node: object) -> Iterator[str]:
    if isinstance(node, facts.Birthday):
        name = f"{_SHIFTED}{node.days}"
        yield from (name, f"{name}_or", f"{name}_year")
    elif isinstance(node, facts.Compare):
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(side, facts.MinutesSince) and isinstance(side.of, facts.Field):
                span = span_of(other)
                if span is not None:
                    yield f"{_SINCE}{span}"


@dataclass(frozen=True, slots=True)
class ZonedInstant:
    """An instant, in microseconds, and what its date is where `zone` counts days."""

    now: Micros
    zone: ZoneInfo
    tick_floor: int = 0
    clock: Micros = 0

    @property
    def today(self) -> date:
        """The local calendar day."""
        return local(self.now, self.zone).date()

    def parameters(self, names: frozenset[str]) -> dict[str, Any]:
        """The values of these holes."""
        here = local(self.now, self.zone)
        found: dict[str, Any] = {
            "p_now": self.now,
            "p_today": here.date(),
            "p_month_day": here.strftime("%m-%d"),
            "p_year": here.year,
            "p_minutes": here.hour * 60 + here.minute,
            "p_tick_floor": self.tick_floor,
            "p_behind": behind(max(self.now, self.clock), self.tick_floor),
        }
        for days in _numbers(names, _SHIFTED):
            name, shifted = f"{_SHIFTED}{days}", _moved(here.date(), -days)
            found[name] = shifted.strftime("%m-%d")
            found[f"{name}_or"] = _also(shifted)
            found[f"{name}_year"] = shifted.year
        for span in _numbers(names, _SINCE):
            found.update(self._since(span))
        return found

    def _since(self, span: Micros) -> Iterator[tuple[str, Any]]:
        """The days on both sides of that long ago."""
        name, then = f"{_SINCE}{span}", self.now - span
        first = _day_of(then, self.zone)
        exact = midnight(first, self.zone) == then
        yield f"{name}_upto", first
        yield f"{name}_before", _moved(first, -1) if exact else first
        for n in range(NEXT_DAYS):
            day = _moved(first, n)
            yield f"{name}_d{n}", day
            yield f"{name}_t{n}", midnight(day, self.zone) + span


def _numbers(names: frozenset[str], prefix: str) -> set[int]:
    """What the names that begin so are about."""
    found = (name.removeprefix(prefix) for name in names if name.startswith(prefix))
    return {int(rest.partition("_")[0]) for rest in found}


def span_of(operand: facts.Operand) -> Micros | None:
    """So many minutes, when they are written in the script; within what a calendar holds."""
    value = operand.value if isinstance(operand, facts.Literal) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if not Decimal(value).is_finite():
        return None
    return int(max(-_LONGEST, min(_LONGEST, value * MINUTE)))


def _day_of(instant: Micros, zone: ZoneInfo) -> date:
    """The local day of an instant that may be out of every calendar."""
    return local(max(_FIRST, min(_LAST, instant)), zone).date()


def _moved(day: date, days: int) -> date:
    """`days` later, within what a calendar can count."""
    ordinal = min(max(day.toordinal() + days, _FIRST_DAY), _LAST_DAY)
    return date.fromordinal(ordinal)


def before(instant: ColumnElement[Any]) -> ColumnElement[int]:
    """`server.store.ids.floor_of`, in SQL."""
    milliseconds = instant // literal(1000, BigInteger)
    found: ColumnElement[int] = milliseconds * literal(1 << 22, BigInteger) - 1
    return found


def hour_from(instant: ColumnElement[Any]) -> ColumnElement[int]:
    """The first hour from that instant on."""
    found: ColumnElement[int] = (instant + literal(HOUR - 1, BigInteger)) // _HOUR * _HOUR
    return found


_HOUR = literal(HOUR, BigInteger)
#: The hour after this one.
NEXT_HOUR: ColumnElement[int] = NOW // _HOUR * _HOUR + _HOUR


def behind(now: Micros, tick_floor: int) -> int:
    """The last id given before a tick, if ids run ahead of a clock that went back; else none."""
    return tick_floor - 1 if tick_floor > floor_of(now + SECOND) else -1


def _also(day: date) -> str:
    """29 February is kept on 1 March in common years, when those born then are a year older."""
    yesterday = day - timedelta(days=1)
    return "02-29" if (day.month, day.day, yesterday.day) == (3, 1, 28) else day.strftime("%m-%d")
