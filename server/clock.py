"""The time it is; tests and scenarios use `relance.testing.VirtualClock` instead."""

from datetime import UTC, datetime, timedelta


class SystemClock:
    """A `relance.host.Clock` that tells the machine's time."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


class BaseClock:
    """The machine's time, put right by that of the database several machines share.

    Between clocks that differ by seconds, what follows from something would be dated before it.
    """

    def __init__(self) -> None:
        self.machine = SystemClock()
        self._off = timedelta()

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self.machine.now() - self._off

    def put_right(self, off: timedelta, within: timedelta) -> None:
        """The machine is that much ahead of the database, give or take `within`."""
        if abs(off - self._off) > within:
            self._off = off
