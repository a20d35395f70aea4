"""When the lines of a scenario happen."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dsl.scenario import At, CheckedLine, CheckedMoment, Later
from server.store.calendar import later
from server.store.instants import from_micros, resolve, to_micros

#: A scenario that names no date begins on that day, a Monday.
DEFAULT_START = datetime(2026, 1, 5, 9)
#: Leads exist a little before the first line, so that what happens at its very minute concerns them.
BEFORE = timedelta(minutes=1)


def start_of(lines: Sequence[CheckedLine], zone: ZoneInfo) -> datetime:
    """When a scenario begins: just before its first line, if that one has a date."""
    first = lines[0].moment if lines else None
    if isinstance(first, At):
        return _instant(first.day, first.time, zone) - BEFORE
    return from_micros(resolve(DEFAULT_START, zone))


def instant_of(moment: CheckedMoment, now: datetime, zone: ZoneInfo) -> datetime:
    """When a line happens, the line before it having happened at `now`."""
    if isinstance(moment, At):
        return _instant(moment.day, moment.time, zone)
    if isinstance(moment, Later):
        return from_micros(later(to_micros(now), moment.duration, zone))
    return now


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return from_micros(resolve(datetime.combine(day, at), zone))
