"""How much one address may have us keep in a day, at the doors that anybody may push.

A rate alone lets a patient stranger fill the disk: five forms of 60 KiB a second are 27 GB a day,
kept for good. What is signed is not counted: it comes from the project's own tools.

Shares outlive the server: those that changed are written once a minute and at its stop, so that a
kill gives back a minute's worth at most. What is written tells no address.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache

from relance.errors import StoreUnavailable
from relance.host import Clock
from server.http.rate import MAX_ADDRESSES, RateLimit, network_of
from server.store import shares
from server.store.instants import SECOND
from server.store.store import Store
from server.tokens import Signer

log = logging.getLogger("relance.http")

DAY = 86_400.0
MIB = 1024 * 1024
#: What a fact costs beside its own bytes: its lines, their indexes.
EACH = 256
#: Addresses remembered for the operator.
_SHOWN = 20
#: How long a stopping server tries to write the shares, in seconds.
_LEAVING = 1.0
#: Addresses whose name for the store is at hand: those of the visitors of the hour.
_LATELY = 4_096


class TooMuch(Exception):
    """That address has had its share; `after` so many seconds there is room again."""

    def __init__(self, after: float) -> None:
        super().__init__(after)
        self.after = after


class Quota:
    """A share of bytes a day for each address, given back little by little; 0: no bound.

    `now` tells seconds that go on across restarts; `veil` names an address for the store.
    """

    def __init__(
        self,
        daily: float,
        now: Callable[[], float] = time.time,
        veil: Callable[[str], str] = str,
    ) -> None:
        self._share = RateLimit(daily / DAY, int(daily), now)
        self._now, self._veil = now, veil
        self._kept_at = now()
        #: Addresses that reached their share, how often they were refused, and when last.
        self._reached: dict[str, tuple[int, float]] = {}

    def charge(self, address: str | None, size: int) -> None:
        """Count a fact of that many bytes, about to be kept; `TooMuch` when it must not be."""
        who = network_of(address or "")
        if wait := self._share.wait(self._veil(who), size + EACH):
            self._note(who)
            raise TooMuch(wait)

    async def recall(self, store: Store) -> None:
        """Know again what each address had kept before the server stopped."""
        async with store.read() as conn:
            kept = await shares.latest(conn, int((self._now() - DAY) * SECOND), MAX_ADDRESSES)
        for who, spent, at in kept:
            self._share.restore(who, spent, at / SECOND)

    async def keep(self, store: Store) -> None:
        """Write the shares that changed since the last time."""
        now = self._now()
        changed = [
            (who, round(spent), int(at * SECOND))
            for who, spent, at in self._share.taken(self._kept_at)
        ]
        if changed:
            async with store.write() as conn:
                await shares.keep(conn, changed)
        self._kept_at = now

    async def leave(self, store: Store) -> None:
        """Write them one last time, unless the store does not take it at once."""
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(_LEAVING):
                await self.keep(store)

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


def veiled(daily: float, clock: Clock, signer: Signer) -> Quota:
    """The quota of a server, whose store names addresses as its secret alone can."""

    @lru_cache(maxsize=_LATELY)
    def veil(who: str) -> str:
        return signer.slug("quota", who)

    return Quota(daily, lambda: clock.now().timestamp(), veil)
