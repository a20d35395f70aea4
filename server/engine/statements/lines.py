"""What leads pass one statement after another, nobody asked anything: they go through it together.

A line ends where each lead is asked something, where leads come from elsewhere, and after what may take
some of them out. Where it leads to a plain rest, that is its end: they come to rest by the same stride.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from dsl import program
from relance.effects import Effect, LeaveCampaign, Rewrite, SetField
from relance.waits import WaitUntil
from server.engine.moves import Move

#: A line holds so many at most: what runs it has a row for each, and a database has its limits.
LONGEST = 100
#: After these, some may no longer be there to go on.
_TAKES_OUT = (LeaveCampaign,)
#: These may change in which zone a lead rests.
_CHANGES_REST = (SetField, Rewrite)


@dataclass(frozen=True, slots=True)
class Pass:
    """A statement that everybody passes, and what that does."""

    statement: int
    kind: Move
    next: int
    step: str | None = None
    branch: int | None = None
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class StraightLine:
    """Such statements in their order; then leads stand at `next`, at rest if that is `rest`."""

    passes: tuple[Pass, ...]
    next: int
    rest: program.Pause | None = None

    @property
    def reach(self) -> int:
        """The last statement of it that does anything to leads; -1 if none does."""
        return max((one.statement for one in self.passes if one.effects), default=-1)

    @property
    def last(self) -> int:
        """The last statement of it; -1 if there is none."""
        return self.passes[-1].statement if self.passes else -1

    @property
    def acts(self) -> bool:
        """Whether there is an activity in it."""
        return any(one.kind is Move.ACTED for one in self.passes)

    def withheld(self) -> "StraightLine":
        """The same for those who get nothing."""
        kept = (
            replace(one, kind=Move.WITHHELD, effects=()) if one.kind is Move.ACTED else one
            for one in self.passes
        )
        return replace(self, passes=tuple(kept))


class ProgramLines:
    """The lines of a program. `whole` False: each a statement long at most, and none leads to a rest."""

    def __init__(self, of: program.Program, *, whole: bool = True) -> None:
        self.whole, self._statements = whole, of.statements
        times = Counter([of.first, *(one for each in of.statements for one in _leads_to(each))])
        self._joined = {one for one, count in times.items() if count > 1}

    def at(self, index: int) -> StraightLine:
        """The one that begins with that statement, which everybody passes."""
        passes: list[Pass] = []
        while (one := _passed(self._statements[index], index)) is not None:
            passes.append(one)
            over = any(isinstance(each, _TAKES_OUT) for each in one.effects)
            over = over or len(passes) == LONGEST
            if over or not self.follows(index, one.next):
                return StraightLine(tuple(passes), one.next)
            index = one.next
        return StraightLine(tuple(passes), index, self._rest(index, passes))

    def beyond(self, index: int, target: int) -> StraightLine:
        """The one after that statement, which leads to `target`; it may be empty."""
        return self.at(target) if self.follows(index, target) else StraightLine((), target)

    def fork(self, index: int, ways: tuple[int, int]) -> tuple[StraightLine, StraightLine]:
        """Those after a statement that leads either way; they lead to no rest.

        What is done is done in the order of the statements: of the second, nothing is before what the
        first goes on with.
        """
        found = [replace(self.beyond(index, way), rest=None) for way in ways]
        first, second = sorted((0, 1), key=lambda number: ways[number])
        if program.END != found[first].next <= found[second].last:
            found[second] = StraightLine((), ways[second])
        return found[0], found[1]

    def decision(self, index: int, target: int) -> program.Decide | None:
        """The decision that everybody who passed that statement comes to next, if any."""
        there = self._statements[target] if self.follows(index, target) else None
        return there if isinstance(there, program.Decide) else None

    def follows(self, index: int, target: int) -> bool:
        """Whether all who come to `target` come from that statement, and go on by the same stride."""
        return self.whole and target > index and target not in self._joined

    def _rest(self, index: int, passes: list[Pass]) -> program.Pause | None:
        there = self._statements[index]
        if not self.whole or not isinstance(there, program.Pause):
            return None
        by_field = isinstance(there.wait, WaitUntil) and not isinstance(there.wait.day, date)
        done = (effect for one in passes for effect in one.effects)
        if by_field or any(isinstance(effect, _CHANGES_REST) for effect in done):
            return None
        return there


def _passed(at: program.Statement, index: int) -> Pass | None:
    """How everybody passes that statement; None when it asks something of each, or leads rest there."""
    match at:
        case program.Act():
            return Pass(index, Move.ACTED, at.next, effects=at.effects)
        case program.Step():
            return Pass(index, Move.STEPPED, at.next, step=at.name)
        case program.LoopStart():
            return Pass(index, Move.LOOP_BEGUN, at.next)
        case program.Jump(limit=None):
            return Pass(index, Move.JUMPED, at.target, branch=at.target)
        case _:
            return None


def _leads_to(at: program.Statement) -> Iterator[int]:
    """Where those who stand at a statement may stand next."""
    match at:
        case program.Act() | program.Step() | program.LoopStart() | program.Pause():
            yield at.next
        case program.Decide():
            yield from (at.yes, at.no)
        case program.Await():
            yield from (*(branch.next for branch in at.branches), at.timeout)
        case program.Jump():
            yield from (at.target, at.next)
        case program.Loop():
            yield from (at.body, at.next)
        case program.Split():
            yield from (share.next for share in at.shares)
        case program.Leave():
            return
