"""Event ids: unique, growing, and ordered by time, given out of what the database has reserved.

An id is the milliseconds of its making shifted by 22 bits, plus a counter. So « every event
received by that instant » is a comparison of ids, and a batch of n events takes one call. The
store reserves the ids of the seconds to come (`server.store.tenure`), so that nobody else gives
them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from server.store.instants import HasNow, Micros, now_micros

_BITS = 22
#: No id is beyond.
ANY = 2**63 - 1
#: How far ahead ids are reserved, and how much of it must be left: a write once in so long. After
#: a server that was killed, ids run that much ahead of the clock at most.
_RESERVE, _LEFT = 10_000 << _BITS, 5_000 << _BITS


def floor_of(instant: Micros) -> int:
    """Every id made from this instant's millisecond on is greater; every earlier one is not.

    An event of that very millisecond counts as later: a wait may look at it once too often,
    never once too little.
    """
    return ((instant // 1000) << _BITS) - 1


class EventIds:
    """Hands out ids; never goes back, even when the clock does. `last`: the last one given."""

    def __init__(self, clock: HasNow, last: int = 0) -> None:
        self._clock = clock
        self.last = last
        #: Up to where ids may be given, and up to where that is written for good.
        self._lent, self._reserved = ANY, 0
        #: The last id given before each transaction under way.
        self._open: dict[object, int] = {}

    def next(self) -> int:
        """One id."""
        return self.reserve(1)

    def reserve(self, count: int) -> int:
        """The first of `count` consecutive ids."""
        first = max(self.last + 1, min(self._now(), self._lent - count))
        self.last = first + count - 1
        return first

    def _now(self) -> int:
        return (now_micros(self._clock) // 1000) << _BITS

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """While a transaction that may give ids is under way."""
        this = object()
        self._open[this] = self.last
        try:
            yield
        finally:
            del self._open[this]

    def settled(self) -> int:
        """No event numbered up to there is still to come, from any transaction under way."""
        return min(self._open.values(), default=self.last)

    def follow(self, last: int) -> None:
        """Give only ids above `last` from now on."""
        self.last = max(self.last, last)

    def wanted(self) -> int | None:
        """Up to where ids are to be reserved now; None while there are enough."""
        upto = max(self.last, self._now())
        return upto + _RESERVE if upto + _LEFT > self._reserved else None

    def lend(self, upto: int) -> None:
        """A transaction that reserves ids up to there may give them."""
        self._lent = upto if self._lent == ANY else max(self._lent, upto)

    def reserved(self, upto: int) -> None:
        """That transaction is committed."""
        self._reserved = max(self._reserved, upto)
