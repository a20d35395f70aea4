"""The circuit breaker of a channel: a provider that is down is left in peace, then probed.

Messages that wait behind an open breaker spend none of their attempts.
"""

from datetime import datetime, timedelta
from enum import Enum

FAILURES = 5
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=2)


class Circuit(Enum):
    """What the breaker lets through."""

    CLOSED = "fermé"  # everything
    OPEN = "ouvert"  # nothing until the pause is over
    PROBING = "à l’essai"  # one message, to see


class Breaker:
    """Opens after `FAILURES` failures in a row; each probe that fails doubles the pause."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.until: datetime | None = None
        self.failures = 0
        self.pause = FIRST_PAUSE
        self.probing = False

    def state(self, now: datetime) -> Circuit:
        """What it lets through now."""
        if self.until is None:
            return Circuit.CLOSED
        return Circuit.OPEN if now < self.until else Circuit.PROBING

    def room(self, now: datetime, wanted: int) -> int:
        """How many of the `wanted` messages may leave now."""
        match self.state(now):
            case Circuit.CLOSED:
                return wanted
            case Circuit.PROBING:
                return 0 if self.probing else min(wanted, 1)
            case _:
                return 0

    def leave(self, count: int, now: datetime) -> bool:
        """Count messages that leave: past the pause, the one that does is the probe; whether it is."""
        probe = count > 0 and self.state(now) is Circuit.PROBING
        self.probing = self.probing or probe
        return probe

    def succeeded(self) -> None:
        """The provider answered, be it by a refusal."""
        self.reason = None
        self.until = None
        self.failures = 0
        self.pause = FIRST_PAUSE
        self.probing = False

    def spared(self) -> None:
        """What left never reached the provider: the probe, if it was it, is still to come."""
        self.probing = False

    def failed(self, now: datetime, reason: str) -> None:
        """The provider did not do its part."""
        self.reason = reason
        self.failures += 1
        if self.until is None:
            if self.failures >= FAILURES:
                self.until = now + self.pause
        elif now >= self.until:
            self.probing = False
            self.pause = min(LONGEST_PAUSE, self.pause * 2)
            self.until = now + self.pause
