"""What waits to be stored, in the order in which it came, and never more than a server can hold.

While the base is locked or slow, callers come and give up; what they brought leaves with them. What
there is no room for is refused at once, so that its sender comes back, instead of being kept until
nobody waits for it any more.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from relance.errors import StoreUnavailable
from relance.host import Receipt
from server.intake.incoming import Arrival
from server.store.instants import Micros

#: The facts that may wait: some seconds of work, beyond which whoever waits would be told to come
#: back before its turn. And the bytes, about: of large forms, fewer may wait.
MOST_FACTS, MOST_BYTES = 20_000, 64 * 1024 * 1024
#: What a fact takes beside its texts.
_USUAL = 2_048


class IntakeFull(StoreUnavailable):
    """There is no room for more: come back."""


@dataclass(slots=True, eq=False)
class WaitingFacts:
    """What one caller brought, and where its answer goes."""

    at: Micros
    arrivals: Sequence[Arrival]
    answer: "asyncio.Future[Sequence[Receipt]]"
    size: int


class IntakeQueue:
    """First come, first taken."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[WaitingFacts, object] = OrderedDict()
        #: How many facts wait, and about how many bytes they take.
        self.facts, self.bytes = 0, 0
        #: How many callers found no room since the start.
        self.refused = 0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def full(self) -> bool:
        """Whether an ordinary fact would be refused."""
        return self.facts >= MOST_FACTS or self.bytes + _USUAL > MOST_BYTES

    @property
    def brought(self) -> Sequence[WaitingFacts]:
        """Those that wait, in their order."""
        return tuple(self._waiting)

    def oldest(self) -> WaitingFacts | None:
        """The next to be taken."""
        return next(iter(self._waiting), None)

    def put(self, at: Micros, arrivals: Sequence[Arrival]) -> WaitingFacts:
        """Have these wait. Raises `IntakeFull`; what is brought to an empty queue finds room."""
        size = sum(map(_size, arrivals))
        facts, held = self.facts + len(arrivals), self.bytes + size
        if (facts > MOST_FACTS or held > MOST_BYTES) and self._waiting:
            self.refused += 1
            raise IntakeFull("too many facts are waiting to be stored")
        one = WaitingFacts(at, arrivals, asyncio.get_running_loop().create_future(), size)
        self._waiting[one] = None
        self.facts, self.bytes = facts, held
        return one

    def leave(self, one: WaitingFacts) -> None:
        """Its caller waits no more: it goes, unless it is being stored already."""
        if self._waiting.pop(one, self) is not self:
            self.facts -= len(one.arrivals)
            self.bytes -= one.size

    def take(self, most: int) -> list[WaitingFacts]:
        """The first of them, of so many facts together; one at least."""
        taken: list[WaitingFacts] = []
        facts = 0
        for one in self._waiting:
            more = len(one.arrivals)
            if taken and facts + more > most:
                break
            taken.append(one)
            facts += more
        for one in taken:
            self.leave(one)
        return taken


def _size(arrival: Arrival) -> int:
    """About what it takes: events and fields hold what was sent, and the same as it is stored."""
    size = _USUAL
    for text in arrival.properties:
        if text is not None:
            size += 2 * len(text)
    for value in arrival.fields.values():
        if isinstance(value, str):
            size += len(value)
    return size
