"""The wall clock; tests and scenarios use `relance.testing.VirtualClock` instead."""

from datetime import UTC, datetime


class SystemClock:
    """A `relance.host.Clock` that tells the machine's time."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)
