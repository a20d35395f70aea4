"""How many pages one visitor, or one address, may tell in a minute: more is no person's reading."""

import ipaddress
from collections import OrderedDict

VISITOR, ADDRESS = 60, 300
_REMEMBERED = 20_000


class Pace:
    """Counts by the minute, the whole bounded in memory."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def allows(self, visitor: str | None, client: str | None, at: float) -> bool:
        """Whether one more is heard."""
        heard = self._one(f"a {_network(client or '')}", ADDRESS, at)
        return heard and (visitor is None or self._one(f"v {visitor}", VISITOR, at))

    def _one(self, who: str, limit: int, at: float) -> bool:
        minute = int(at // 60)
        known, count = self._counts.pop(who, (minute, 0))
        count = count + 1 if known == minute else 1
        self._counts[who] = (minute, count)
        if len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        return count <= limit


def _network(address: str) -> str:
    """Who an address is: a household has a whole /64 of IPv6."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.IPv6Network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address
