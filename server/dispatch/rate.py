"""The rate of a channel: a bucket of tokens that fills with time."""

from datetime import datetime, timedelta


class TokenBucket:
    """Lets `per_second` messages through, with no burst beyond one second's worth; None: any."""

    def __init__(self, per_second: float | None) -> None:
        self._rate = per_second if per_second is not None and per_second > 0 else None
        self._capacity = max(1.0, self._rate or 1.0)
        self.tokens = self._capacity
        self.at: datetime | None = None

    def _fill(self, now: datetime) -> None:
        if self._rate is None:
            return
        if self.at is not None:
            # A clock set back must not take tokens away.
            elapsed = max(0.0, (now - self.at).total_seconds())
            self.tokens = min(self._capacity, self.tokens + elapsed * self._rate)
        self.at = now

    def room(self, now: datetime, wanted: int) -> int:
        """How many of the `wanted` messages may leave now."""
        if self._rate is None:
            return wanted
        self._fill(now)
        return min(wanted, int(self.tokens + 1e-9))

    def take(self, count: int) -> None:
        """Count messages that leave."""
        if self._rate is not None:
            self.tokens -= count

    def wait(self, now: datetime) -> timedelta:
        """How long until one message may leave."""
        if self._rate is None:
            return timedelta(0)
        self._fill(now)
        return timedelta(seconds=max(0.0, 1.0 - self.tokens) / self._rate)
