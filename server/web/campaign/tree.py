"""The tree of a campaign, as a river: nested lists, each rail as wide as the crowd that took it.

What is drawn is a list inside a list: read aloud, it is the campaign; printed, it is whole; the rails
are only drawn beside it. A branch leaves the trunk on its right: what is left of the trunk goes on.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dsl.program import (
    Act,
    Await,
    Decide,
    Exit,
    Jump,
    Leave,
    Loop,
    LoopStart,
    Pause,
    Program,
    Split,
    Statement,
    Step,
)
from relance.effects import AddTag, AddToList, Effect, RemoveFromList, RemoveTag, Send
from server.engine.moves import TIMED_OUT
from server.reports.glossary import Glossary
from server.reports.layout import Way, rows, ways
from server.reports.performance.crowd import Crowd, arrivals

#: The widest rail, in half pixels.
WIDEST = 20
_NAMED = re.compile(r"\(([^()]*)\)")
_EFFECTS: Mapping[type[Effect], str] = {
    Send: "message",
    AddToList: "list",
    RemoveFromList: "list",
    AddTag: "tag",
    RemoveTag: "tag",
}


@dataclass(frozen=True, slots=True)
class WordPiece:
    """A stretch of a sentence; `named`: what its author called something."""

    text: str
    named: bool = False


@dataclass
class DrawnBranch:
    """One way out of a fork. `left`: how wide the trunk is below it, `width`: how wide it is itself.

    `line`: where it is written, 0 for one that is not; `new`: it runs nowhere yet; `grows`: where one
    adds to its beginning, as forms say it, if one may.
    """

    words: Sequence[WordPiece]
    count: int
    share: float | None
    number: int | None = None
    nodes: list["DrawnNode"] = field(default_factory=list)
    width: int = 0
    left: int = 0
    curve: str = ""
    line: int = 0
    new: bool = False
    grows: str = ""


@dataclass
class DrawnNode:
    """One statement. `trunk`: how wide its branches are together; `number`: None at both ends, and of
    what runs nowhere yet: `new` where that begins, `within` it below; `grows`: where one adds after it,
    `block`: the line by which it is taken in hand, `leads`: to which it leads, where one may."""

    number: int | None
    kind: str
    icon: str
    words: Sequence[WordPiece]
    count: int
    waiting: int = 0
    line: int = 0
    width: int = 0
    trunk: int = 0
    detail: str = ""
    branches: list[DrawnBranch] = field(default_factory=list)
    message: str = ""
    last: bool = False
    new: bool = False
    within: bool = False
    grows: str = ""
    block: int = 0
    leads: bool = False


def pieces(text: str) -> Sequence[WordPiece]:
    """A sentence of a script, what it names apart from its words; the parentheses go."""
    found, end = [], 0
    for one in _NAMED.finditer(text):
        found += [WordPiece(text[end : one.start()]), WordPiece(one[1], named=True)]
        end = one.end()
    return [one for one in (*found, WordPiece(text[end:])) if one.text]


def tree(program: Program, crowd: Crowd, glossary: Glossary) -> Sequence[DrawnNode]:
    """The nodes of a version, from the entry to its end, with their crowd."""
    return _Tree(program, crowd, glossary).nodes


class _Tree:
    def __init__(self, program: Program, crowd: Crowd, glossary: Glossary) -> None:
        self._program, self._crowd, self._glossary = program, crowd, glossary
        self._came = arrivals(program, crowd)
        self._most = max(crowd.entered, *(self._came[at] for at in self._came), 1)
        entry = DrawnNode(None, "entry", "door", [WordPiece("Entrée", named=True)], crowd.entered)
        entry.line = program.entries[0].place.line if program.entries else 0
        entry.detail = " ; ".join(glossary.said(one.place.said) for one in program.entries)
        self.nodes = [entry, *self._nested()]
        finished = crowd.left[Exit.FINISHED.value]
        if finished or not isinstance(next(reversed(program.statements), None), Leave):
            words = [WordPiece("Fin du parcours", named=True)]
            self.nodes.append(DrawnNode(None, "end", "check", words, finished))
        for one in self.nodes:
            one.width = self._width(one.count + one.waiting)
        self._finish(self.nodes)

    def _width(self, count: int) -> int:
        return max(1, min(WIDEST, round(WIDEST * count / self._most))) if count else 0

    def _nested(self) -> Sequence[DrawnNode]:
        """The rows of the drawing, each branch inside what opens it."""
        top: list[DrawnNode] = []
        held: list[tuple[DrawnNode, list[DrawnNode]]] = []
        found = rows(self._program, self._glossary)
        for row in found:
            node = self._node(row.statement)
            if row.above is None:
                into = top
            else:
                above, siblings = held[row.above]
                inside = row.depth > found[row.above].depth
                into = self._branch(above, row.statement).nodes if inside else siblings
            into.append(node)
            held.append((node, into))
        return top

    def _branch(self, above: DrawnNode, to: int) -> DrawnBranch:
        """The branch that leads there, the first that holds nothing yet."""
        number = above.number
        out = ways(self._program.statements[number], self._glossary) if number is not None else ()
        for way, branch in zip(out, above.branches, strict=False):
            if way.to == to and not branch.nodes:
                return branch
        return above.branches[0]

    def _node(self, at: int) -> DrawnNode:
        statement = self._program.statements[at]
        text = self._glossary.said(statement.place.said)
        kind, icon = _look(statement)
        counted = not isinstance(statement, Leave | Jump | Loop | LoopStart)
        node = DrawnNode(
            at,
            kind,
            icon,
            pieces(text[:1].upper() + text[1:]),
            self._crowd.through(at) if counted else self._came[at],
            self._crowd.waiting.get(at, 0),
            statement.place.line,
            message=_sent(statement),
        )
        node.branches = list(self._branches(at, statement))
        return node

    def _branches(self, at: int, statement: Statement) -> Iterator[DrawnBranch]:
        out = ways(statement, self._glossary)
        if len(out) < 2:
            return
        numbers = _numbers(statement, len(out))
        counts = [0 if number is None else self._crowd.taking(at, number) for number in numbers]
        whole = sum(counts)
        for way, number, count in zip(out, numbers, counts, strict=True):
            if isinstance(statement, Await) and statement.limit is None and number == TIMED_OUT:
                continue
            share = count / whole if whole else None
            line = _line(statement, number)
            yield DrawnBranch(pieces(_words(way, statement)), count, share, number, line=line)

    def _finish(self, nodes: Sequence[DrawnNode]) -> None:
        """How wide each rail is, and the curve of each branch."""
        stack = list(nodes)
        if nodes:
            nodes[-1].last = True
        while stack:
            node = stack.pop()
            for branch in node.branches:
                branch.width = self._width(branch.count)
            node.trunk = left = sum(branch.width for branch in node.branches)
            for branch in node.branches:
                left -= branch.width
                branch.left = left
                begin = 15 - node.trunk * 0.25 + left * 0.5 + branch.width * 0.25
                branch.curve = f"M{begin:g} -1C{begin:g} 19 55 12 55 34"
                for inner in branch.nodes:
                    inner.width = self._width(inner.count + inner.waiting)
                    stack.append(inner)
                if branch.nodes:
                    branch.nodes[-1].last = True


def _numbers(statement: Statement, ways_out: int) -> Sequence[int | None]:
    """By which branch of the journal each way out is counted."""
    match statement:
        case Decide():
            return 1, 0
        case Await():
            return *range(len(statement.branches)), TIMED_OUT
        case Split():
            return range(len(statement.shares))
    return (None,) * ways_out


def _line(statement: Statement, branch: int | None) -> int:
    """Where that branch is written, when it has a line of its own."""
    if isinstance(statement, Await) and branch is not None and branch != TIMED_OUT:
        return statement.branches[branch].place.line
    return 0


def _words(way: Way, statement: Statement) -> str:
    return way.words or ("puis" if isinstance(statement, Loop) else "passé ce délai")


def _sent(statement: Statement) -> str:
    """The message that an activity sends, if it does."""
    effects = statement.effects if isinstance(statement, Act) else ()
    return next((one.message for one in effects if isinstance(one, Send)), "")


def _look(statement: Statement) -> tuple[str, str]:
    """The kind of a node, and its icon."""
    match statement:
        case Act():
            found = (_EFFECTS.get(type(one), "star") for one in statement.effects)
            return "act", next(found, "next")
        case Pause():
            return "wait", "clock"
        case Await():
            return "wait", "hourglass"
        case Decide():
            return "decide", "fork"
        case Split():
            return "decide", "draw"
        case Step():
            return "step", ""
        case Leave():
            won = statement.outcome is Exit.SUCCESS
            return ("won", "check") if won else ("lost", "cross")
    return "act", "loop"
