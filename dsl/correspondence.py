"""Where each statement of a program is in another program of the same campaign.

By what is said, never by lines: a statement is the one that says the same, whichever of several equal
ones was taken away; else the one of another branch that says the same, which was moved; else, of a
wait, the one that took its place, shorter or longer.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeAlias

from dsl.program import Act, Loop, LoopStart, Pause, Program, Statement, Step

_BRANCH = re.compile(r"^[0-9a-f]{12}:")
_ORDINAL = re.compile(r"#\d+$")


@dataclass(frozen=True, slots=True)
class _Placed:
    index: int
    statement: Statement
    step: str | None

    @property
    def key(self) -> str:
        return self.statement.key


_Alike: TypeAlias = Callable[[_Placed], object]


def correspondence(old: Program, new: Program) -> Mapping[int, int]:
    """By the index of each statement of `old` that `new` has: its index there."""
    before, after = list(_placed(old)), list(_placed(new))
    found = dict(_aligned(before, after))
    for alike in (_doing_in_step, _doing):
        found |= _paired(_left(before, found), _left(after, found.values()), alike)
    found |= _paired(
        _left(before, found),
        _left(after, found.values()),
        _resting_behind(before, found),
        _resting_behind(after, {index: index for index in found.values()}),
    )
    ends = {one.key: one.index for one in after}
    for one in before:
        # The test of a loop goes with its door.
        if isinstance(one.statement, LoopStart) and one.index in found:
            door = new.statements[found[one.index]].key
            last = next(each for each in before if each.key == f"{one.key}/end")
            found[last.index] = ends[f"{door}/end"]
    return found


def what_is_done(statement: Statement) -> str:
    """What it does, whatever branch it is in, and whichever it is of those that do the same."""
    return _BRANCH.sub("", _ORDINAL.sub("", statement.key))


def first_to_do(program: Program) -> Mapping[str, int]:
    """By what each activity does, the index of the first that does it."""
    found: dict[str, int] = {}
    for index, statement in enumerate(program.statements):
        if isinstance(statement, Act):
            found.setdefault(what_is_done(statement), index)
    return found


def _placed(program: Program) -> Iterator[_Placed]:
    step: str | None = None
    for index, statement in enumerate(program.statements):
        if isinstance(statement, Step):
            step = statement.key
        yield _Placed(index, statement, step)


def _aligned(before: list[_Placed], after: list[_Placed]) -> Iterator[tuple[int, int]]:
    """Those that say the same in the same branch: by order, where as many do, else by what is around."""
    known = {one.key: one for one in after}
    kinds = defaultdict[str, list[list[_Placed]]](lambda: [[], []])
    for side, those in enumerate((before, after)):
        for one in those:
            kinds[_of_branch(one)][side].append(one)
    uneven = {kind for kind, (here, there) in kinds.items() if len(here) != len(there)}
    for one in before:
        if _of_branch(one) not in uneven and one.key in known:
            yield one.index, known[one.key].index
    if not any(here and there for here, there in (kinds[kind] for kind in uneven)):
        return
    matcher = SequenceMatcher(
        None, [_of_branch(one) for one in before], [_of_branch(one) for one in after], False
    )
    matched = {
        before[block.a + at].index: after[block.b + at].index
        for block in matcher.get_matching_blocks()
        for at in range(block.size)
        if _of_branch(before[block.a + at]) in uneven
    }
    yield from matched.items()


def _of_branch(one: _Placed) -> str:
    return _ORDINAL.sub("", one.key)


def _left(those: Sequence[_Placed], found: Collection[int]) -> list[_Placed]:
    return [one for one in those if one.index not in found]


def _paired(
    left: Iterable[_Placed], free: Iterable[_Placed], alike: _Alike, there: _Alike | None = None
) -> Mapping[int, int]:
    """Those that are alike, in order; `there`: what they are alike by in the other program."""
    known = defaultdict[object, list[_Placed]](list)
    for one in free:
        if (kind := (there or alike)(one)) is not None:
            known[kind].append(one)
    found = {}
    for one in left:
        if (kind := alike(one)) is not None and known[kind]:
            found[one.index] = known[kind].pop(0).index
    return found


def _doing(one: _Placed) -> object:
    return None if isinstance(one.statement, Loop) else what_is_done(one.statement)


def _doing_in_step(one: _Placed) -> object:
    done = _doing(one)
    return None if done is None else (done, one.step)


def _resting_behind(those: Sequence[_Placed], found: Mapping[int, int]) -> _Alike:
    """Tells a rest by its branch, and by what it comes behind, of what both programs have."""
    behind: dict[int, int | None] = {}
    last: int | None = None
    for one in those:
        behind[one.index] = last
        last = found.get(one.index, last)

    def resting(one: _Placed) -> object:
        if not isinstance(one.statement, Pause):
            return None
        branch = _BRANCH.match(one.key)
        return (branch[0] if branch else "", behind[one.index])

    return resting
