"""When a wait ends, on the calendar of a time zone."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from relance.waits import WaitForHours, WaitForWeekday, WaitForWorkingDays, WaitUntilNext
from server.store.instants import Micros, local, midnight, resolve

_DAY = timedelta(days=1)
_FRIDAY = 4
#: Days on end that are not worked: beyond, the calendar is a mistake.
_MOST_SKIPPED = 400
#: Which days are worked.
Works = Callable[[date], bool]
#: A year from both ends, so that no zone and no change of clocks leads outside.
_FIRST_DAY, _LAST_DAY = date(2, 1, 1).toordinal(), date(9998, 12, 31).toordinal()


def at_local(day: date, at: time, days: int, zone: ZoneInfo) -> Micros:
    """The instant of `at`, `days` after `day`; within what a calendar can count."""
    moved = min(max(day.toordinal() + days, _FIRST_DAY), _LAST_DAY)
    return resolve(datetime.combine(date.fromordinal(moved), at), zone)


def next_weekday(instant: Micros, wait: WaitForWeekday, zone: ZoneInfo) -> Micros:
    """`instant` itself on a day of the range, else 00:00 of the first one to come."""
    day = local(instant, zone).date()
    span = (wait.last.value - wait.first.value) % 7
    if (day.weekday() - wait.first.value) % 7 <= span:
        return instant
    return midnight(day + (wait.first.value - day.weekday()) % 7 * _DAY, zone)


def next_hours(instant: Micros, wait: WaitForHours, zone: ZoneInfo) -> Micros:
    """`instant` itself within the hours, from Monday to Friday, else when they next begin.

    A window over midnight is the morning and the evening of each of those days: Saturday at three
    is no working day's moment, whatever Friday evening was.
    """
    today = local(instant, zone).date()
    for offset in range(8):
        day = today + offset * _DAY
        for opens, closes in _hours(day, wait, zone) if day.weekday() <= _FRIDAY else ():
            if instant < closes:
                return max(instant, opens)
    raise AssertionError("eight days hold a working day")


def _hours(day: date, wait: WaitForHours, zone: ZoneInfo) -> Iterator[tuple[Micros, Micros]]:
    """From when to when that day is within the window, in order; what is empty is left out."""
    opens, closes = (resolve(datetime.combine(day, at), zone) for at in (wait.start, wait.end))
    begins, ends = midnight(day, zone), midnight(day + _DAY, zone)
    parts = [(opens, closes)] if wait.start < wait.end else [(begins, closes), (opens, ends)]
    yield from ((start, end) for start, end in parts if start < end)


def next_such_time(instant: Micros, wait: WaitUntilNext, zone: ZoneInfo) -> Micros:
    """The first moment from `instant` on, itself included, that it is that time on such a day."""
    first = local(instant, zone).date() + wait.days * _DAY
    for offset in range(9):
        day = first + offset * _DAY
        if wait.weekday is not None and day.weekday() != wait.weekday.value:
            continue
        then = resolve(datetime.combine(day, wait.at), zone)
        if then >= instant:
            return then
    raise AssertionError("nine days hold two of each weekday but one, so one that is to come")


def weekdays(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() <= _FRIDAY


def nth_worked(day: date, count: int, works: Works) -> date:
    """The `count`-th day worked after `day`; whatever is said of them, not for ever."""
    skipped = 0
    while count and skipped < _MOST_SKIPPED:
        day += _DAY
        worked = works(day)
        count -= worked
        skipped = 0 if worked else skipped + 1
    return day


def working_days_later(
    instant: Micros, wait: WaitForWorkingDays, zone: ZoneInfo, works: Works
) -> Micros:
    """So many working days on the calendar after `instant`, at its local time or at another."""
    there = local(instant, zone).replace(tzinfo=None)
    day = nth_worked(there.date(), wait.days, works)
    at = there.time() if wait.at is None else wait.at
    return max(resolve(datetime.combine(day, at), zone), instant)
