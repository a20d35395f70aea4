"""What « now » means to a statement compiled once and run for ever: its bound parameters.

A compiled statement holds named holes; each tick fills them from the instant and the zone.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
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

from server.store.ids import floor_of
from server.store.instants import SECOND, Micros, local

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

_SHIFTED = "p_birthday_"


def birthdays(days: int) -> tuple[BindParameter[str], BindParameter[str]]:
    """The « MM-DD » whose anniversary, `days` later, is today: two on 28 February of most years."""
    name = f"{_SHIFTED}{days}"
    return bindparam(name, type_=Text), bindparam(f"{name}_or", type_=Text)


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in a zone."""

    now: Micros
    zone: ZoneInfo
    tick_floor: int = 0

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
            "p_behind": behind(self.now, self.tick_floor),
        }
        for name in names:
            if name.startswith(_SHIFTED) and not name.endswith("_or"):
                shifted = here.date() - timedelta(days=int(name.removeprefix(_SHIFTED)))
                found[name] = shifted.strftime("%m-%d")
                found[f"{name}_or"] = _also(shifted)
        return {name: found[name] for name in names if name in found}


def before(instant: ColumnElement[Any]) -> ColumnElement[int]:
    """`server.store.ids.floor_of`, in SQL."""
    milliseconds = instant // literal(1000, BigInteger)
    found: ColumnElement[int] = milliseconds * literal(1 << 22, BigInteger) - 1
    return found


def behind(now: Micros, tick_floor: int) -> int:
    """The last id given before a tick, if ids run ahead of a clock that went back; else none."""
    return tick_floor - 1 if tick_floor > floor_of(now + SECOND) else -1


def _also(day: date) -> str:
    """29 February is kept on the 28th in common years."""
    tomorrow = day + timedelta(days=1)
    return "02-29" if (day.month, day.day, tomorrow.month) == (2, 28, 3) else day.strftime("%m-%d")
