"""What changes from one program of a campaign to another: by what is said, never by lines of text.

Statements are known by their identity (`dsl.identity`). One that is gone from its branch and said in
another has moved; one that says the same in other words is reworded; a wait in the place of another
is that wait, shorter or longer.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from math import floor
from typing import Any

from dsl.identity import identity
from dsl.program import (
    Act,
    Await,
    Jump,
    Loop,
    LoopStart,
    Pause,
    Place,
    Program,
    Split,
    Statement,
    Step,
)
from relance.said import Said
from relance.values import Duration
from relance.waits import WaitFor, WaitUpTo


class Alteration(StrEnum):
    """What became of something said."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    REWORDED = "reworded"
    SHORTER = "shorter"
    LONGER = "longer"
    #: The same is said, and does otherwise: a limit, a number of times, a text in place.
    CHANGED = "changed"


class CampaignPart(StrEnum):
    """Where in a campaign."""

    HEADER = "header"
    ENTRIES = "entries"
    EXITS = "exits"
    JOURNEY = "journey"
    GOALS = "goals"


@dataclass(frozen=True, slots=True)
class ProgramEdit:
    """One thing that changes. `before`, `after`: what is said; of a header, its value.

    `name`: of a header, its field in `Program`. `step`: the step it is in. `key`: what those who
    stand there are known by, None where nobody can.
    """

    alteration: Alteration
    part: CampaignPart
    before: Any = None
    after: Any = None
    step: str | None = None
    name: str = ""
    key: str | None = None


@dataclass(frozen=True, slots=True)
class _Item:
    key: str
    said: Said
    line: str
    step: str | None
    #: What does it; of a branch, nothing.
    statement: Statement | None = None
    #: Whether people may stand there.
    stands: bool = False


@dataclass(frozen=True, slots=True)
class ComparedProgram:
    """A program, and the text it was compiled from."""

    program: Program
    source: str


def edits(old: ComparedProgram, new: ComparedProgram) -> Sequence[ProgramEdit]:
    """What changes from the one to the other: header, entries, exits, journey."""
    return (
        *_header(old.program, new.program),
        *_compared(_entries(old), _entries(new), CampaignPart.ENTRIES),
        *_compared(_exits(old), _exits(new), CampaignPart.EXITS),
        *_compared(_journey(old), _journey(new), CampaignPart.JOURNEY),
    )


def _header(old: Program, new: Program) -> Iterator[ProgramEdit]:
    for one in fields(Program):
        if one.name in ("entries", "exits", "statements", "first"):
            continue
        before, after = _said(old, one.name), _said(new, one.name)
        if before != after:
            yield ProgramEdit(Alteration.CHANGED, CampaignPart.HEADER, before, after, name=one.name)


def _said(program: Program, name: str) -> object:
    """That field of its header; of no group, no priority is said."""
    return None if name == "priority" and program.group is None else getattr(program, name)


# --- What is compared ---------------------------------------------------------------------------


def _entries(version: ComparedProgram) -> list[_Item]:
    lines = version.source.splitlines()
    return [
        _Item(one.key, one.place.said, _line(lines, one.place), None)
        for one in version.program.entries
    ]


def _exits(version: ComparedProgram) -> list[_Item]:
    lines = version.source.splitlines()
    return [
        # Of one that becomes a failure where it was a success, the key is another.
        _Item(
            f"{one.outcome.value}:{one.trigger.key}",
            one.trigger.place.said,
            _line(lines, one.trigger.place),
            None,
        )
        for one in version.program.exits
    ]


def _journey(version: ComparedProgram) -> list[_Item]:
    lines, found = version.source.splitlines(), []
    step: str | None = None
    for one in version.program.statements:
        if isinstance(one, Loop):
            continue  # its door, which says as much, is there
        if isinstance(one, Step):
            step = one.name
        found.append(_Item(one.key, one.place.said, _line(lines, one.place), step, one, True))
        if isinstance(one, Await):
            for branch in one.branches:
                key, place = f"{one.key}/{identity(branch.place.said)}", branch.place
                if place.said != one.place.said:
                    found.append(_Item(key, place.said, _line(lines, place), step))
    return found


def _line(lines: Sequence[str], place: Place) -> str:
    """The words of a line, however it is set out."""
    return " ".join(lines[place.line - 1].split()) if 0 < place.line <= len(lines) else ""


# --- Comparing ----------------------------------------------------------------------------------


def _compared(
    old: Sequence[_Item], new: Sequence[_Item], part: CampaignPart
) -> Iterator[ProgramEdit]:
    before, after = {one.key: one for one in old}, {one.key: one for one in new}
    gone = [one for one in old if one.key not in after]
    come = [one for one in new if one.key not in before]
    pairs = [(one, after[one.key]) for one in old if one.key in after]
    moved = _out_of_order([before[one.key] for one in new if one.key in before], old)
    elsewhere = _paired(gone, come, lambda one: _without_branch(one.key))
    waits = _paired(gone, come, _wait_of)
    found: list[tuple[Alteration, _Item | None, _Item | None]] = [
        (Alteration.MOVED, a, b) for a, b in elsewhere
    ]
    found += [(_longer(a, b), a, b) for a, b in waits]
    found += [(Alteration.REMOVED, one, None) for one in gone]
    found += [(Alteration.ADDED, None, one) for one in come]
    for a, b in pairs:
        if (alteration := _altered(a, b)) is not None:
            found.append((alteration, a, b))
        if a.key in moved:
            found.append((Alteration.MOVED, a, b))
    place = _places(old, new)
    found.sort(key=lambda one: place[(one[2] or one[1]).key])  # type: ignore[union-attr]
    yield from (_edit(alteration, part, a, b) for alteration, a, b in found)


def _places(old: Sequence[_Item], new: Sequence[_Item]) -> Mapping[str, float]:
    """Where each is told: as it now stands, what is gone after what it stood behind."""
    place: dict[str, float] = {one.key: float(at) for at, one in enumerate(new)}
    behind = -1
    for one in old:
        behind = floor(place.setdefault(one.key, behind + 0.5))
    return place


def _edit(
    alteration: Alteration, part: CampaignPart, a: _Item | None, b: _Item | None
) -> ProgramEdit:
    worded = alteration is Alteration.REWORDED
    step = b.step if b is not None else a.step if a is not None else None
    return ProgramEdit(
        alteration,
        part,
        None if a is None else a.line if worded else a.said,
        None if b is None else b.line if worded else b.said,
        step,
        key=a.key if a is not None and a.stands else None,
    )


def _paired(gone: list[_Item], come: list[_Item], by: Any) -> list[tuple[_Item, _Item]]:
    """Those that are alike, in order; they are no longer among the others."""
    known: dict[Any, list[_Item]] = defaultdict(list)
    for one in come:
        if (alike := by(one)) is not None:
            known[alike].append(one)
    found = []
    for one in list(gone):
        if known.get(by(one)):
            other = known[by(one)].pop(0)
            found.append((one, other))
            gone.remove(one)
            come.remove(other)
    return found


def _without_branch(key: str) -> str:
    return re.sub(r"^[0-9a-f]{12}:|#\d+$", "", re.sub(r"#\d+$", "", key))


def _wait_of(one: _Item) -> tuple[str, str] | None:
    """Where a wait is, and of which kind."""
    if not isinstance(one.statement, Pause):
        return None
    branch = re.match(r"[0-9a-f]{12}:", one.key)
    return (branch[0] if branch else "", one.said.what)


def _altered(a: _Item, b: _Item) -> Alteration | None:
    """What became of the same, said again."""
    if isinstance(a.statement, Await) and isinstance(b.statement, Await):
        if a.statement.limit != b.statement.limit:
            return _longer(a, b)
    elif (_does(a.statement) != _does(b.statement) and a.line == b.line) or _tuned(
        a.statement
    ) != _tuned(b.statement):
        return Alteration.CHANGED
    return Alteration.REWORDED if a.line != b.line else None


def _does(statement: Statement | None) -> object:
    return statement.effects if isinstance(statement, Act) else None


def _tuned(statement: Statement | None) -> object:
    """What an author tunes, and it stays the same statement."""
    match statement:
        case Jump():
            return statement.limit
        case LoopStart():
            return dict(statement.place.said.values).get("times")
        case Split():
            return tuple((share.name, share.upto) for share in statement.shares)
    return None


def _longer(a: _Item, b: _Item) -> Alteration:
    before, after = _seconds(a.statement), _seconds(b.statement)
    if before is None or after is None or before == after:
        return Alteration.CHANGED
    return Alteration.LONGER if after > before else Alteration.SHORTER


def _seconds(statement: Statement | None) -> float | None:
    """How long it is waited, a month being a twelfth of a year; without end, infinite."""
    if isinstance(statement, Await):
        return _of(statement.limit) if statement.limit is not None else float("inf")
    if isinstance(statement, Pause) and isinstance(statement.wait, WaitFor | WaitUpTo):
        return _of(statement.wait.duration)
    return None


def _of(duration: Duration) -> float:
    return (duration.months * 365.25 / 12 + duration.days) * 86_400 + duration.seconds


def _out_of_order(now: Sequence[_Item], old: Sequence[_Item]) -> set[str]:
    """The fewest that, left out, leave the others in the order they had."""
    place = {one.key: at for at, one in enumerate(old)}
    order = [place[one.key] for one in now]
    tails: list[int] = []
    rank = []
    for at in order:
        here = bisect_left(tails, at)
        tails[here : here + 1] = [at]
        rank.append(here)
    kept, wanted = set(), len(tails) - 1
    for at in range(len(order) - 1, -1, -1):
        if rank[at] == wanted:
            kept.add(order[at])
            wanted -= 1
    return {one.key for one in now if place[one.key] not in kept}
