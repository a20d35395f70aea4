"""How long waits last at most, when the script alone says so."""

from relance.values import Duration
from relance.waits import (
    Wait,
    WaitFor,
    WaitForHours,
    WaitForWeekday,
    WaitForWorkingDays,
    WaitUntilNext,
    WaitUpTo,
)

_DAY = 86_400
_WEEK = 7 * _DAY


def seconds_of(duration: Duration) -> int:
    """The least it lasts."""
    return duration.months * 28 * _DAY + duration.days * _DAY + duration.seconds


def longest_wait(wait: Wait) -> int | None:
    """How many seconds it lasts at most, but for a change of clocks; None: a date decides."""
    match wait:
        case WaitFor(duration) | WaitUpTo(duration):
            return duration.months * 31 * _DAY + duration.days * _DAY + duration.seconds
        case WaitForWeekday():
            return _WEEK
        case WaitForHours():
            return 3 * _DAY
        case WaitUntilNext(days=days):
            return (days + 1) * _DAY + (_WEEK if wait.weekday is not None else 0)
        case WaitForWorkingDays(days):
            # Of two weeks, holidays take three days at most.
            return (2 * days + 4) * _DAY
    return None
