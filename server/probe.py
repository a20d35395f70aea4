"""What a process does, timed as it does it, for whoever measures it from outside.

A few numbers in memory and nothing else: no library, no lock, no thread, so that what is measured
costs a group of forms or a tick some microseconds. `server.observing` says them to who asks.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter_ns, time_ns

#: What a duration is told to be at most, in seconds; beyond the last, it is only counted.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_NANO = 1_000_000_000


class Timing:
    """How often one kind of work was done, and how long it took."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        #: How many took no more than each of `BOUNDS` and more than the one before; then the others.
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """It was done once more."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


@dataclass(slots=True)
class TimedWork:
    """A piece of work under way; once done, what a trace says of it. Instants: ns since 1970."""

    name: str
    said: dict[str, str | int]
    began: int = field(default_factory=time_ns)
    lasted: int = 0
    #: Why it failed, if so: the name of an error, which holds nothing of anybody.
    failed: str = ""
    #: Whether there was nothing to do: it is not counted.
    idle: bool = False


def _unheard(_work: TimedWork) -> None:
    """Nobody follows."""


class Probe:
    """The numbers of one process since it started."""

    def __init__(self) -> None:
        #: Facts stored together; and how many facts.
        self.groups, self.facts = Timing(), 0
        #: Ticks of the engine that had something to do; and how many rows went through them.
        self.ticks, self.rows = Timing(), 0
        #: Messages handed to channels, by channel and by what came of it.
        self.sends: Mapping[tuple[str, str], Timing] = defaultdict(Timing)
        #: Told of each piece of work once it is done.
        self.on_work: Callable[[TimedWork], None] = _unheard

    @contextmanager
    def group(self, facts: int) -> Iterator[None]:
        """Store so many facts together."""
        with self._doing(TimedWork("relance.intake", {"relance.facts": facts}), self.groups):
            yield
        self.facts += facts

    async def tick(self, ticking: Awaitable[bool]) -> bool:
        """Do a tick of the engine; whether it had anything to do."""
        before = self.rows
        with self._doing(TimedWork("relance.tick", {}), self.ticks) as work:
            worked = await ticking
            work.said["relance.rows"] = self.rows - before
            work.idle = not worked
        return worked

    @contextmanager
    def send(self, channel: str, attempt: int) -> Iterator[TimedWork]:
        """Hand a message to a channel; whoever does says what came of it (`relance.outcome`)."""
        work = TimedWork("relance.send", {"relance.channel": channel, "relance.attempt": attempt})
        try:
            with self._doing(work, None):
                yield work
        finally:
            outcome = str(work.said.get("relance.outcome", "broken"))
            self.sends[channel, outcome].add(work.lasted / _NANO)

    @contextmanager
    def _doing(self, work: TimedWork, timing: Timing | None) -> Iterator[TimedWork]:
        began = perf_counter_ns()
        try:
            yield work
        except BaseException as error:
            work.failed = type(error).__name__
            raise
        finally:
            work.lasted = perf_counter_ns() - began
            if not work.idle:
                if timing is not None:
                    timing.add(work.lasted / _NANO)
                self.on_work(work)
