"""Which campaigns run: active, and in the period of their current version. Decided here and nowhere
else; what was decided is kept with each campaign, for the dispatch and for who asks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from server.engine.life.state import State
from server.engine.life.transitions import PARKING, PEOPLE
from server.engine.version import Version
from server.store.ids import floor_of
from server.store.instants import Micros


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A campaign that may run or has people inside, in its state since the instant `since`.

    `ran`: whether the store has it running. `current`: the version of now, when it is among those
    that live, which `versions` are while the campaign is active or paused. `followed_to`: until it
    stopped, the states that its versions up to that one ask about were followed. `phase`: of what is
    being done to its people part by part, if anything is.
    """

    id: int
    state: State
    since: Micros
    ran: bool
    followed_to: int | None
    current: Version | None
    versions: tuple[Version, ...]
    phase: str | None = None

    def runs(self, now: Micros) -> bool:
        """Whether its rules act: not before whoever is overdue has been given back."""
        if self.state is not State.ACTIVE or self.phase in (PARKING, PEOPLE):
            return False
        return self.current is None or self.current.in_period(now)

    def comes_back(self, now: Micros) -> bool:
        """Whether its period opens for those who stayed when it had ended."""
        again = self.followed_to is not None and self.phase is None
        return again and not self.ran and self.runs(now) and self.opens(now)

    def turns(self, now: Micros) -> Micros | None:
        """When its period next begins or ends."""
        if self.state is not State.ACTIVE or self.current is None:
            return None
        bounds = (self.current.period_start, self.current.period_end)
        return min((each for each in bounds if each is not None and now < each), default=None)

    def opens(self, now: Micros) -> bool:
        """Whether it begins because its period does: nobody has decided anything of it just now."""
        return self.since < now

    def known(self, version: Version) -> bool:
        """Whether it is known for whom that version’s states held when it stopped running."""
        return self.followed_to is not None and version.id <= self.followed_to


@dataclass(frozen=True)
class Lifecycles:
    """All of them at an instant. `inhabited`: the versions that somebody is in, or may be."""

    all: tuple[Lifecycle, ...] = ()
    at: Micros = 0
    inhabited: frozenset[int] = frozenset()
    #: Whether something is being done to people, part by part.
    under_way: bool = False
    #: The number of the last change by which one began to run again.
    number: int = 0

    @property
    def running(self) -> Iterator[Version]:
        """The versions that act."""
        for one in self.all:
            if one.runs(self.at):
                yield from one.versions

    @property
    def runs(self) -> frozenset[int]:
        """The campaigns that run."""
        return frozenset(one.id for one in self.all if one.runs(self.at))

    @cached_property
    def waiting(self) -> tuple[Version, ...]:
        """Those that will once their campaign runs again."""
        return tuple(
            version for one in self.all if not one.runs(self.at) for version in one.versions
        )

    @cached_property
    def still(self) -> frozenset[int]:
        """All that do not run, whether or not somebody is in them."""
        return frozenset(self.resting).union(version.id for version in self.waiting)

    @cached_property
    def heard_from(self) -> Mapping[int, int]:
        """By version, the event up to which nothing is heard: its campaign had not resumed yet."""
        again = (one for one in self.all if one.followed_to is not None)
        return {version.id: floor_of(one.since) for one in again for version in one.versions}

    @cached_property
    def resting(self) -> tuple[int, ...]:
        """The versions that somebody is in, and nobody moves in."""
        act = {version.id for version in self.running}
        return tuple(sorted(self.inhabited - act))

    @cached_property
    def parked(self) -> tuple[int, ...]:
        """Those of them in which whoever is due is set apart: not while they are given back."""
        back = (one for one in self.all if one.phase is not None)
        given_back = {version.id for one in back for version in one.versions}
        return tuple(version for version in self.resting if version not in given_back)

    @property
    def given_back(self) -> bool:
        """Whether some rest whose time has come although they were set apart before."""
        return len(self.parked) < len(self.resting)

    @property
    def turned(self) -> Iterator[Lifecycle]:
        """The campaigns that begin to run or stop, compared with what the store knows."""
        return (each for each in self.all if each.runs(self.at) is not each.ran)

    def settled(self) -> "Lifecycles":
        """The same, once the store knows."""
        settled = tuple(replace(each, ran=each.runs(self.at)) for each in self.all)
        return replace(self, all=settled)

    @cached_property
    def turns(self) -> Micros | None:
        """When one of them next begins or stops: at once, if the store knows less."""
        if any(True for _ in self.turned):
            return self.at
        found = (each.turns(self.at) for each in self.all)
        return min((each for each in found if each is not None), default=None)


#: Before any campaign is.
NOBODY = Lifecycles()
