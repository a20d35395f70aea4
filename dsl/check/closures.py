"""The hours of a week at which a policy lets nothing leave, whatever the calendar adds to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from dsl.policy import Closure, QuietTime

_DAY = 24 * 60
_WEEK = 7 * _DAY


@dataclass(frozen=True, slots=True)
class ClosedStretch:
    """The longest time without an hour to send: its minutes, and the day and time it begins."""

    minutes: int
    day: int
    hour: str


def closed_week(quiet: Iterable[QuietTime]) -> bytearray:
    """A byte a minute from Monday on, 1 where something is closed; one day's holiday is no habit."""
    week = bytearray(_WEEK)
    for term in quiet:
        for one in term.closures:
            if one.holidays is None and one.day is None and one.yearly is None:
                _close(week, one)
    return week


def _close(week: bytearray, closure: Closure) -> None:
    days = [one.value for one in closure.weekdays] or range(7)
    first, last = 0, _DAY
    if closure.starts is not None and closure.ends is not None:
        first, last = _minute(closure.starts), _minute(closure.ends)
        last += _DAY * (last <= first)
    for day in days:
        for minute in range(day * _DAY + first, day * _DAY + last):
            week[minute % _WEEK] = 1


def longest(week: bytearray) -> ClosedStretch | None:
    """The longest stretch closed, over the end of the week; None when no minute is open."""
    if 0 not in week:
        return None
    turned = week.index(0)
    best = began = length = 0
    for minute in range(turned, turned + _WEEK + 1):
        if week[minute % _WEEK]:
            length += 1
            continue
        if length > best:
            best, began = length, minute - length
        length = 0
    day, minute = divmod(began % _WEEK, _DAY)
    hour, rest = divmod(minute, 60)
    return ClosedStretch(best, day, f"{hour}\u00a0h" + (f"\u00a0{rest:02d}" if rest else ""))


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
