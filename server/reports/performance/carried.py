"""The crowd of a version as another program of its campaign would count it: that of a draft.

What both say keeps its counts, whatever became of its line or its words (`dsl.correspondence`); what
only the draft says was passed by nobody yet.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dsl.correspondence import correspondence
from dsl.identity import Ordinals, identity
from dsl.program import Await, Decide, Jump, Loop, LoopStart, Program, Split, Statement
from relance.fold import key_of
from server.engine.moves import TIMED_OUT
from server.reports.performance.crowd import Crowd

#: Those who took a branch that is no more: counted in their statement, and in no branch of it.
_GONE = -2


@dataclass(frozen=True, slots=True)
class CarriedCrowd:
    """`places`: by statement of the draft, the one of the version; `branches`: likewise, of their branches.

    `lost`: how many statements of the version the draft has no more, and `held`, how many wait there.
    """

    crowd: Crowd
    places: Mapping[int, int]
    branches: Mapping[tuple[int, int], int]
    lost: int = 0
    held: int = 0


def carried(old: Program, new: Program, found: Crowd) -> CarriedCrowd:
    """That of `old` in `new`."""
    there = correspondence(old, new)
    pairs = {
        (before, branch): (after, now)
        for before, after in there.items()
        for branch, now in _branches(old.statements[before], new.statements[after]).items()
    }
    passed: Counter[tuple[int, int | None]] = Counter()
    for (at, branch), n in found.passed.items():
        if at in there:
            alone = (there[at], None)
            place = alone if branch is None else pairs.get((at, branch), (there[at], _GONE))
            passed[place] += n
    waiting = {there[at]: n for at, n in found.waiting.items() if at in there}
    gone = [at for at, one in enumerate(old.statements) if at not in there and _is_said(one)]
    return CarriedCrowd(
        replace(found, passed=passed, waiting=waiting),
        {after: before for before, after in there.items()},
        {now: branch for (_, branch), now in pairs.items()},
        len(gone),
        sum(found.waiting.get(at, 0) for at in gone),
    )


def _branches(old: Statement, new: Statement) -> Mapping[int, int]:
    """By the number of each branch of the one that the other has, its number there."""
    if isinstance(old, Decide) and isinstance(new, Decide):
        return {1: 1, 0: 0}
    if isinstance(old, Await) and isinstance(new, Await):
        return _alike(_heard(old), _heard(new)) | {TIMED_OUT: TIMED_OUT}
    if isinstance(old, Split) and isinstance(new, Split):
        return _alike(_shared(old), _shared(new))
    return {}


def _alike(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    there = {what: number for number, what in enumerate(new)}
    return {number: there[what] for number, what in enumerate(old) if what in there}


def _heard(statement: Await) -> Sequence[str]:
    ordinals = Ordinals()
    return [ordinals.next(identity(one.place.said)) for one in statement.branches]


def _shared(statement: Split) -> Sequence[str]:
    ordinals = Ordinals()
    return [ordinals.next(key_of(one.name)) for one in statement.shares]


def _is_said(statement: Statement) -> bool:
    """Whether a line says it: a way back is told by the line that begins it."""
    return not isinstance(statement, Jump | Loop | LoopStart)
