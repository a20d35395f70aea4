"""Instants as the store keeps them: whole microseconds since 1970 in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

#: Microseconds since 1970-01-01T00:00Z.
Micros: TypeAlias = int
#: The zone of a project that names none.
DEFAULT_ZONE = ZoneInfo("America/Montreal")

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class HasNow(Protocol):
    """What tells the time (`relance.host.Clock`)."""

    def now(self) -> datetime:
        """The present instant, in UTC."""


def to_micros(instant: datetime) -> Micros:
    """The stored form of an aware datetime; exact, since no float is involved."""
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(instant: Micros) -> datetime:
    """The UTC datetime of a stored instant."""
    return _EPOCH + timedelta(microseconds=instant)


def now_micros(clock: HasNow) -> Micros:
    """The present instant, in stored form."""
    return to_micros(clock.now())


def local(instant: Micros, zone: ZoneInfo) -> datetime:
    """What clocks show in `zone` at that instant."""
    return from_micros(instant).astimezone(zone)


def resolve(naive: datetime, zone: ZoneInfo) -> Micros:
    """The instant of a local time: the first of two, or the first after one that does not exist."""
    aware = naive.replace(tzinfo=zone, fold=0)
    instant = to_micros(aware.astimezone(UTC))
    if local(instant, zone).replace(tzinfo=None) == naive:
        return instant
    return _end_of_gap(instant, zone)


def _end_of_gap(instant: Micros, zone: ZoneInfo) -> Micros:
    """The instant at which the clocks of `zone` jumped, around `instant`."""
    low, high = instant - DAY, instant + DAY
    before = local(low, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if local(middle, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def midnight(day: date, zone: ZoneInfo) -> Micros:
    """The first instant of a calendar day in `zone`."""
    return resolve(datetime.combine(day, time(0, 0)), zone)
