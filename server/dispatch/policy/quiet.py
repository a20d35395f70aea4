"""When nothing leaves: whether that is now, and until when."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

from dsl.policy import Closure, QuietTime
from server.store.instants import Micros, local, midnight, resolve

_DAY = timedelta(days=1)
#: Closures that follow one another without an hour between: a year and more of them never open.
_MOST = 1_000


def closing(terms: Sequence[QuietTime], now: Micros, zone: ZoneInfo) -> QuietTime | None:
    """The first of them that lets nothing leave at that instant."""
    return next((one for one in terms if _end(one, now, zone) is not None), None)


def opening(terms: Sequence[QuietTime], now: Micros, zone: ZoneInfo) -> Micros:
    """The first instant from then on at which none of them is closed."""
    for _ in range(_MOST):
        ends = [end for one in terms if (end := _end(one, now, zone)) is not None]
        if not ends:
            break
        now = max(ends)
    return now


def _end(term: QuietTime, now: Micros, zone: ZoneInfo) -> Micros | None:
    """When the closures that hold at that instant are over; None when none does."""
    today = local(now, zone).date()
    ends = [
        ends
        for one in term.closures
        # The night that began yesterday may last until now.
        for day in (today - _DAY, today)
        for begins, ends in _stretches(one, day, zone)
        if begins <= now < ends
    ]
    return max(ends, default=None)


def _stretches(closure: Closure, day: date, zone: ZoneInfo) -> Iterator[tuple[Micros, Micros]]:
    """From when to when it closes the day, or the night that begins on it; at most once."""
    if not _concerns(closure, day):
        return
    if closure.starts is None or closure.ends is None:
        yield midnight(day, zone), midnight(day + _DAY, zone)
        return
    last = day if closure.starts < closure.ends else day + _DAY
    yield _at(day, closure.starts, zone), _at(last, closure.ends, zone)


def _at(day: date, at: time, zone: ZoneInfo) -> Micros:
    return resolve(datetime.combine(day, at), zone)


def _concerns(closure: Closure, day: date) -> bool:
    if closure.weekdays and day.weekday() not in {one.value for one in closure.weekdays}:
        return False
    if closure.day is not None and day != closure.day:
        return False
    if closure.yearly is not None and (day.month, day.day) != closure.yearly:
        return False
    return closure.holidays is None or day in _holidays(closure.holidays)


@cache
def _holidays(place: str) -> HolidayBase:
    """Those of a place, « CA-QC » or « FR »; the library finds each year's when it is asked of it."""
    country, _, part = place.partition("-")
    return country_holidays(country, subdiv=part or None)
