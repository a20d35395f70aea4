"""Where those who stand in one version of a campaign stand in another, statement by statement."""

from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum

from dsl.correspondence import correspondence, first_to_do, what_is_done
from dsl.program import Act, Await, Jump, Loop, Pause, Program, Statement, Step
from dsl.program_codec import doing
from relance import facts
from relance.events import LEAD_UPDATED
from relance.fold import key_of
from relance.waits import WaitUntil
from server.engine.contents import parts
from server.engine.moves import Move


class Use(StrEnum):
    """What a landing is asked for."""

    STANDS = "stands"  # who stands there
    RETURNS = "returns"  # who last passed that step, and stands where nothing is left
    COUNTS = "counts"  # how often that was passed, or when last
    DONE = "done"  # whether that was done already


@dataclass(frozen=True, slots=True)
class Landing:
    """Of a statement of a version, the one of the new version that it is: `at`.

    `same`: whoever waits there waits for the same; `hears`: of the same events. `move`: what the
    journal calls passing it, and `branch`, which way; `start`: of a loop, its door.
    """

    version_id: int
    statement: int
    use: Use
    at: int
    same: bool = True
    hears: bool = True
    move: str | None = None
    branch: int | None = None
    start: int | None = None


def landings(version_id: int, old: Program, new: Program) -> Iterator[Landing]:
    """Those of all the statements of that version."""
    found = correspondence(old, new)
    dated = _dated(new)
    done = first_to_do(new)
    for index, statement in enumerate(old.statements):
        if isinstance(statement, Act) and what_is_done(statement) in done:
            at = done[what_is_done(statement)]
            yield Landing(version_id, index, Use.DONE, at, move=Move.ACTED)
        if index not in found:
            continue
        at = found[index]
        there = new.statements[at]
        same = old.zone == new.zone and _awaited(statement) == _awaited(there)
        hears = topics(statement) == topics(there)
        yield Landing(version_id, index, Use.STANDS, at, same, hears)
        match statement:
            case Step():
                yield Landing(version_id, index, Use.RETURNS, at)
                if key_of(statement.name) in dated:
                    yield Landing(version_id, index, Use.COUNTS, at, move=Move.STEPPED)
            case Jump(target=target):
                yield Landing(version_id, index, Use.COUNTS, at, move=Move.JUMPED, branch=target)
            case Loop(start=start, body=body):
                yield Landing(
                    version_id, index, Use.COUNTS, at, move=Move.LOOPED, branch=body, start=start
                )


@dataclass(frozen=True, slots=True)
class Crossing:
    """Something done before a place, which in the new version comes after it: not to be done again.

    `version_id`, `statement`: the place. `done_in`, `done`: what was done there, as the journal has it;
    `target`: the statement that does it in the new version, and `at`, the one it is counted by.
    """

    version_id: int
    statement: int
    done_in: int
    done: int
    target: int
    at: int


def crossings(live: Set[int], old: Mapping[int, Program], new: Program) -> Iterator[Crossing]:
    """Those of the places of the `live` versions; `old`: all the versions that anybody came through."""
    found = {number: correspondence(one, new) for number, one in old.items()}
    counted = first_to_do(new)
    done = [
        (number, index, statement, found[number][index])
        for number, one in old.items()
        for index, statement in enumerate(one.statements)
        if isinstance(statement, Act) and index in found[number]
    ]
    for version in sorted(live & old.keys()):
        keys = {one.key: at for at, one in enumerate(old[version].statements)}
        for place, there in found[version].items():
            if not isinstance(old[version].statements[place], Step | Pause | Await):
                continue
            for number, index, statement, target in done:
                # What came after the place already is done again because the script says so.
                if target > there and keys.get(statement.key, -1) < place:
                    at = counted[what_is_done(new.statements[target])]
                    yield Crossing(version, place, number, index, target, at)


def topics(statement: Statement) -> Collection[str]:
    """The events that whoever rests there hears of."""
    if isinstance(statement, Await):
        return statement.topics
    return (LEAD_UPDATED,) if follows(statement) else ()


def follows(statement: Statement) -> bool:
    """Whether it is a rest until the day that a field holds."""
    wait = statement.wait if isinstance(statement, Pause) else None
    return isinstance(wait, WaitUntil) and isinstance(wait.day, facts.Field)


def _awaited(statement: Statement) -> object:
    """What is waited for there, whatever follows."""
    if isinstance(statement, Pause):
        return doing(statement.wait)
    if isinstance(statement, Await):
        return ([doing(one.condition) for one in statement.branches], statement.limit)
    return None


def _dated(program: Program) -> frozenset[str]:
    """The steps that its conditions ask since when they were passed."""
    return frozenset(key_of(one.step) for one in parts(program) if isinstance(one, facts.SinceStep))
