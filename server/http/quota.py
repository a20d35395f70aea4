"""How much one address may have us keep in a day, at the doors that anybody may push.

A rate alone lets a patient stranger fill the disk: five forms of 60 KiB a second are 27 GB a day,
kept for good. What is signed is not counted: it comes from the project's own tools.
"""

import logging
import time
from collections.abc import Callable

from server.http.rate import RateLimit, network_of

log = logging.getLogger("relance.http")

DAY = 86_400.0
MIB = 1024 * 1024
#: What a fact costs beside its own bytes: its lines, their indexes.
EACH = 256
#: Addresses remembered for the operator.
_SHOWN = 20


class TooMuch(Exception):
    """That address has had its share; `after` so many seconds there is room again."""

    def __init__(self, after: float) -> None:
        super().__init__(after)
        self.after = after


class Quota:
    """A share of bytes a day for each address, given back little by little; 0: no bound."""

    def __init__(self, daily: float, now: Callable[[], float] = time.monotonic) -> None:
        self._share = RateLimit(daily / DAY, int(daily), now)
        self._now = now
        #: Addresses that reached their share, how often they were refused, and when last.
        self._reached: dict[str, tuple[int, float]] = {}

    def charge(self, address: str | None, size: int) -> None:
        """Count a fact of that many bytes, about to be kept; `TooMuch` when it must not be."""
        if wait := self._share.wait(address, size + EACH):
            self._note(network_of(address or ""))
            raise TooMuch(wait)

    def reached(self) -> dict[str, int]:
        """The addresses refused within a day, and how often."""
        since = self._now() - DAY
        return {who: count for who, (count, last) in self._reached.items() if last > since}

    def _note(self, who: str) -> None:
        count, last = self._reached.pop(who, (0, 0.0))
        if count == 0 or last < self._now() - DAY:
            count = 0
            log.warning(
                "l’adresse %s a envoyé tout ce que «\u00a0volume_par_jour\u00a0» de [formulaires] "
                "lui permet\u00a0: le reste est refusé (429)",
                who,
            )
        self._reached[who] = (count + 1, self._now())
        if len(self._reached) > _SHOWN:
            del self._reached[next(iter(self._reached))]
