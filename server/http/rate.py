"""How much one address may send: a token bucket each, the whole bounded in memory."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

MAX_ADDRESSES = 20_000


class RateLimit:
    """Buckets of `burst` tokens that refill at `rate` a second; rate 0: no limit."""

    def __init__(self, rate: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str | None, cost: float = 1.0) -> float:
        """Take so many tokens for that address: 0, or the seconds until there are enough."""
        if not self._rate:
            return 0.0
        who, now = network_of(address or ""), self._now()
        left, at = self._buckets.pop(who, (self._burst, now))
        left = min(self._burst, left + max(0.0, now - at) * self._rate)
        allowed = left >= cost
        self._buckets[who] = (left - cost if allowed else left, now)
        if len(self._buckets) > MAX_ADDRESSES:
            self._buckets.popitem(last=False)  # the one quiet for longest
        return 0.0 if allowed else (cost - left) / self._rate

    def taken(self, since: float) -> Iterator[tuple[str, float, float]]:
        """Who took something since then, the tokens that miss them, and at what moment."""
        for who, (left, at) in reversed(self._buckets.items()):
            if at < since:
                return
            yield who, self._burst - left, at

    def restore(self, who: str, missing: float, at: float) -> None:
        """Know again what `taken` said; the one quiet for longest first."""
        self._buckets[who] = (max(0.0, self._burst - missing), at)


def network_of(address: str) -> str:
    """Who an address is: a household has a whole /64 of IPv6."""
    if ":" not in address:
        return address
    try:
        full = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if full.ipv4_mapped is not None:
        return str(full.ipv4_mapped)
    return full.exploded[:19]
