"""A clock that runs as the real one does, and can be moved forward by a button."""

from datetime import UTC, datetime, timedelta


class DemoClock:
    """A `relance.host.Clock`: the system's time plus what has been skipped. Never goes back."""

    def __init__(self) -> None:
        self._skipped = timedelta()

    def now(self) -> datetime:
        """The present instant of the demonstration, in UTC."""
        return datetime.now(UTC) + self._skipped

    def skip_to(self, instant: datetime) -> None:
        """Move forward to `instant`; nothing if it is past already."""
        self._skipped += max(instant - self.now(), timedelta())

    @property
    def skipped(self) -> timedelta:
        """How far ahead of the real time this clock is."""
        return self._skipped
