"""Event ids: made here rather than by the database, unique, growing, and ordered by time.

An id is the milliseconds of its making shifted by 22 bits, plus a counter. So « every event
received by that instant » is a comparison of ids, and a batch of n events takes one call.
"""

from server.store.instants import HasNow, Micros, now_micros

_BITS = 22


def floor_of(instant: Micros) -> int:
    """Every id made from this instant's millisecond on is greater; every earlier one is not.

    An event of that very millisecond counts as later: a wait may look at it once too often,
    never once too little.
    """
    return ((instant // 1000) << _BITS) - 1


class EventIds:
    """Hands out ids; never goes back, even when the clock does."""

    def __init__(self, clock: HasNow, last: int = 0) -> None:
        self._clock = clock
        self._last = last

    def next(self) -> int:
        """One id."""
        return self.reserve(1)

    def reserve(self, count: int) -> int:
        """The first of `count` consecutive ids."""
        first = max(self._last + 1, (now_micros(self._clock) // 1000) << _BITS)
        self._last = first + count - 1
        return first

    def follow(self, last: int) -> None:
        """Give only ids above `last` from now on."""
        self._last = max(self._last, last)
