"""A clock that moves when it is told to, so that a three-day wait takes no time in a test."""

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """A `relance.host.Clock` for tests and simulations; it never goes back."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = _aware(start)

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self._now

    def set(self, instant: datetime) -> None:
        """Jump to `instant`; ValueError if that is in the past."""
        instant = _aware(instant)
        if instant < self._now:
            raise ValueError(f"the clock shows {self._now}, it cannot go back to {instant}")
        self._now = instant

    def advance(self, by: timedelta | None = None, **parts: float) -> None:
        """Move forward: `advance(days=2)` or `advance(timedelta(hours=1))`."""
        self.set(self._now + (by or timedelta()) + timedelta(**parts))


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return instant.astimezone(UTC)
