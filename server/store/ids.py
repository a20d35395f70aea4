"""Event ids: unique, growing, and ordered by time, given out of what the database has reserved.

An id is the milliseconds of its making shifted by 22 bits, plus a counter. So « every event
received by that instant » is a comparison of ids, and a batch of n events takes one call. The
store reserves the ids of the seconds to come (`server.store.tenure`), so that nobody else gives
them.

Where several processes number events, each has a part of every millisecond to itself: no two give
the same id, and what one reserves stays in one piece. The first has half of it, the others an equal
piece of the rest.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from server.store.instants import HasNow, Micros, now_micros

_BITS = 22
#: No id is beyond.
ANY = 2**63 - 1
#: How many processes may number events of one database, the first included.
PROCESSES = 33
_MILLISECOND = 1 << _BITS
_HALF = _MILLISECOND // 2
_PIECE = _HALF // (PROCESSES - 1)
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
    """Hands out ids; never goes back, even when the clock does. `last`: the last one given.

    `process`: whose they are, 0 for the first, or the only one.
    """

    def __init__(self, clock: HasNow, last: int = 0, process: int = 0) -> None:
        self._clock = clock
        self.last = last
        self._begin = _HALF + (process - 1) * _PIECE if process else 0
        self._end = self._begin + (_PIECE if process else _HALF)
        #: Up to where ids may be given, and up to where that is written for good.
        self._lent, self._reserved = ANY, 0
        #: The last id given before each transaction under way.
        self._open: dict[object, int] = {}

    def next(self) -> int:
        """One id."""
        return self.reserve(1)

    def reserve(self, count: int) -> int:
        """The first of `count` consecutive ids."""
        now = self._now()
        if now > self._lent - count:
            # The last millisecond of which all may be given.
            now = (((self._lent - count) >> _BITS) - 1) << _BITS
        first = self._fitting(max(self.last + 1, now), count)
        self.last = first + count - 1
        return first

    def _fitting(self, at: int, count: int) -> int:
        """The first id from `at` on that so many of ours follow; what nothing holds begins a piece."""
        place = at % _MILLISECOND
        if place > self._begin and place + count > self._end:
            return at - place + _MILLISECOND + self._begin
        return at - place + max(place, self._begin)

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

    def reaches(self, id_: int) -> bool:
        """Whether what follows that one may be given already."""
        return id_ < self._reserved

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
