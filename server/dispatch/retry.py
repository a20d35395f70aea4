"""When to try again: exponential delays with full jitter, drawn from a hash and not from dice.

Full jitter spreads the retries of many messages that failed together over the whole delay; the
hash makes a simulation and a second run draw the same.
"""

import hashlib
from datetime import timedelta

FIRST = 30.0
LONGEST = 6 * 3600.0
#: Never sooner than this, whatever the draw.
LEAST = 1.0


def draw(key: str, attempt: int) -> float:
    """A number in [0, 1), the same for ever for a message and an attempt."""
    digest = hashlib.blake2b(f"{key}\0{attempt}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def delay(key: str, attempt: int, after: float | None = None) -> timedelta:
    """How long to wait after the attempt of that number (from 1); never sooner than `after`.

    What the provider asked for is a floor: the jitter comes on top of it, so that everything
    it held back does not return in the same second.
    """
    ceiling = min(LONGEST, FIRST * 2.0 ** min(attempt - 1, 30))
    jitter = draw(key, attempt) * ceiling
    if after is None or not after > 0:
        return timedelta(seconds=max(LEAST, jitter))
    return timedelta(seconds=min(after, 7 * 86_400.0) + min(jitter, FIRST))
