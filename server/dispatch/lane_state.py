"""How fast a channel may go and whether it is cut: of one process, or as several have it in the store."""

from datetime import datetime, timedelta

from relance.channel import Channel, Doubtful, Outcome, Refused, Retry, Sent
from server.dispatch.breaker import Breaker
from server.dispatch.rate import TokenBucket
from server.store.instants import from_micros, to_micros
from server.store.lanes import LaneRow

_SECOND, _MARGIN = timedelta(seconds=1), timedelta(seconds=10)
_MICROSECOND = timedelta(microseconds=1)


class LaneState:
    """That of one channel."""

    def __init__(self, channel: Channel) -> None:
        self.breaker = Breaker()
        self._bucket = TokenBucket(channel.limits.per_second)
        self._rated = channel.limits.per_second is not None
        #: How long a message that is tried may take to be known of.
        self._trial = timedelta(seconds=channel.limits.timeout) + _MARGIN

    @property
    def clean(self) -> bool:
        """Whether the provider did its part the last time."""
        return not self.breaker.failures and self.breaker.until is None

    def room(self, now: datetime, wanted: int, *, hurry: bool = False) -> int:
        """How many of the `wanted` messages may leave; in a `hurry`, whatever the rate."""
        room = self.breaker.room(now, wanted)
        return room if hurry else self._bucket.room(now, room)

    def took(self, count: int, sends: int, now: datetime) -> bool:
        """So many are taken, of which some leave; whether that changes anything for others."""
        self._bucket.take(sends)
        probing = self.breaker.leave(count, now)
        return probing or self._rated

    def wait(self, now: datetime) -> timedelta:
        """How long the rate or the breaker still holds the lane back."""
        if self.breaker.until is not None and self.breaker.room(now, 1) == 0:
            return max(self.breaker.until - now, _SECOND)
        return self._bucket.wait(now)

    @staticmethod
    def is_well(outcome: Outcome) -> bool:
        """Whether the provider did its part, or was not asked to."""
        return isinstance(outcome, Sent | Refused) or (isinstance(outcome, Retry) and outcome.ours)

    def judge(self, outcome: Outcome, now: datetime) -> None:
        """Learn of the provider from what became of a message."""
        match outcome:
            case Sent() | Refused():
                self.breaker.succeeded()
            case Retry(ours=True):
                self.breaker.spared()
            case Retry(reason) | Doubtful(reason):
                self.breaker.failed(now, reason)

    def shift(self, later: timedelta) -> None:
        """Go by another clock, which is so much later."""
        if self.breaker.until is not None:
            self.breaker.until += later
        if self._bucket.at is not None:
            self._bucket.at += later

    def row(self, now: datetime) -> LaneRow:
        """As it is kept in the store."""
        breaker, bucket = self.breaker, self._bucket
        until = None if breaker.until is None else to_micros(breaker.until)
        probing = to_micros(now + self._trial) if breaker.probing else None
        filled = None if bucket.at is None else to_micros(bucket.at)
        pause = breaker.pause // _MICROSECOND
        return LaneRow(
            bucket.tokens, filled, breaker.failures, pause, until, probing, breaker.reason
        )

    def load(self, row: LaneRow, now: datetime) -> None:
        """Be as the store says."""
        breaker, bucket = self.breaker, self._bucket
        bucket.tokens = row.tokens
        bucket.at = None if row.filled_at is None else from_micros(row.filled_at)
        breaker.failures, breaker.reason = row.failures, row.reason
        breaker.pause = row.pause * _MICROSECOND
        breaker.until = None if row.until is None else from_micros(row.until)
        # Who tried may be gone: another one tries then.
        breaker.probing = row.probing_until is not None and row.probing_until > to_micros(now)
