"""Calendar arithmetic in a time zone.

Days and months keep the local time; hours and minutes are elapsed time.
"""

from calendar import monthrange
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from relance.values import Duration
from server.store.instants import SECOND, Micros, local, resolve

_DAY = timedelta(days=1)


@lru_cache(maxsize=1024)
def zone_named(name: str | None) -> ZoneInfo | None:
    """The zone of that IANA name, None when there is none."""
    if not name:
        return None
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def later(instant: Micros, duration: Duration, zone: ZoneInfo) -> Micros:
    """`duration` after `instant`: months, then days on the calendar, then elapsed seconds."""
    return shifted(instant, duration, zone, 1)


def earlier(instant: Micros, duration: Duration, zone: ZoneInfo) -> Micros:
    """`duration` before `instant`."""
    return shifted(instant, duration, zone, -1)


def shifted(instant: Micros, duration: Duration, zone: ZoneInfo, sign: int) -> Micros:
    """`instant` moved by `duration` forward (`sign` 1) or backward (-1)."""
    if duration.months or duration.days:
        there = local(instant, zone).replace(tzinfo=None)
        moved = add_months(there, sign * duration.months) + sign * duration.days * _DAY
        instant = resolve(moved, zone)
    return instant + sign * duration.seconds * SECOND


def add_months(instant: datetime, months: int) -> datetime:
    """The same day `months` later, else the last of that month."""
    index = instant.year * 12 + instant.month - 1 + months
    year, month = divmod(index, 12)
    day = min(instant.day, monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)
