"""Where each statement of a campaign stands in its drawing: one a row, branches indented.

A branch is drawn under the statement that opens it, one step to the right, until the statement
where branches join again. Pure data: `drawing` turns it into SVG.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dsl.program import (
    END,
    Await,
    Decide,
    Jump,
    Leave,
    Loop,
    Program,
    Split,
    Statement,
)
from server.reports.glossary import Glossary


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a statement: where it leads, and under which words."""

    to: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One statement in the drawing; `words` are those of the branch it begins, if it does.

    `above` is the row it hangs from: the one before it, or the one that opens its branch.
    """

    statement: int
    depth: int
    words: str
    above: int | None = None


def ways(statement: Statement, glossary: Glossary) -> Sequence[Way]:
    """The ways out of a statement, as they were written."""
    match statement:
        case Decide():
            return Way(statement.yes, "oui"), Way(statement.no, "non")
        case Await():
            branches = [
                Way(branch.next, glossary.said(branch.place.said)) for branch in statement.branches
            ]
            after = "passé ce délai" if statement.limit is not None else ""
            return *branches, Way(statement.timeout, after)
        case Split():
            return tuple(Way(share.next, share.name) for share in statement.shares)
        case Loop():
            return Way(statement.body, "encore"), Way(statement.next)
        case Jump():
            # The way back is told by the statement's own words.
            return (Way(statement.next),) if statement.limit is not None else ()
        case Leave():
            return ()
        case _:
            return (Way(statement.next),)


def rows(program: Program, glossary: Glossary) -> Sequence[DrawnRow]:
    """Every statement that can be reached, in the order of reading."""
    return _Layout(program, glossary).rows


#: What is still to be drawn: where, how deep, where to stop, under which row.
_Task: TypeAlias = tuple[Way, int, frozenset[int], int | None]


class _Layout:
    def __init__(self, program: Program, glossary: Glossary) -> None:
        self._glossary = glossary
        self._statements = program.statements
        self._reach: dict[int, frozenset[int]] = {}
        for index in reversed(range(len(program.statements))):
            self._reach[index] = self._reached_from(index)
        self._drawn: set[int] = set()
        self.rows: list[DrawnRow] = []
        self._draw(program.first, depth=0)

    def _reached_from(self, index: int) -> frozenset[int]:
        """What can come at or after a statement; the ways back of loops aside."""
        found = {index}
        for way in ways(self._statements[index], self._glossary):
            found |= self._reach.get(way.to, frozenset())
        return frozenset(found)

    def _draw(self, start: int, depth: int) -> None:
        """An explicit stack, not recursion: a script may be as deep as it likes."""
        stack: list[_Task] = [(Way(start), depth, frozenset({END}), None)]
        while stack:
            way, depth, stops, above = stack.pop()
            if way.to in stops or way.to in self._drawn:
                continue
            self._drawn.add(way.to)
            here = len(self.rows)
            self.rows.append(DrawnRow(way.to, depth, way.words, above))
            out = ways(self._statements[way.to], self._glossary)
            if len(out) == 1:
                stack.append((Way(out[0].to), depth, stops, here))
                continue
            joined = self._join(out)
            stack.append((Way(joined), depth, stops, here))
            inside = stops | {joined}
            stack.extend((branch, depth + 1, inside, here) for branch in reversed(out))

    def _join(self, out: Sequence[Way]) -> int:
        """Where the branches meet again: the first statement that two of them reach."""
        seen: set[int] = set()
        common: set[int] = set()
        for reach in (self._reach.get(way.to, frozenset()) for way in out):
            common |= seen & reach
            seen |= reach
        return min(common, default=END)
