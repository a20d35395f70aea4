"""Journeys: the statements of a campaign's body, as the program's array.

Each method lays one kind of statement; `follow` is where the lead goes after it. Branches rejoin
there, so that « fin » costs nothing. Only jumps and loops go back.
"""

from collections import defaultdict
from itertools import accumulate
from typing import assert_never

from dsl.compile.layout import Label, StatementLayout
from dsl.compile.triggers import LineOf
from dsl.diagnostics import Span
from dsl.identity import Keys
from dsl.program import (
    Act,
    Await,
    Branch,
    Decide,
    Jump,
    Leave,
    Loop,
    LoopStart,
    Pause,
    Place,
    Share,
    Split,
    Statement,
    Step,
)
from dsl.tree import bound
from relance.facts import topics
from relance.said import Said

_ELSE, _TIMEOUT, _BODY = Said("else"), Said("timeout"), Said("body")


def compile_journey(
    body: bound.BoundBody, line_of: LineOf
) -> tuple[tuple[Statement, ...], tuple[Span, ...]]:
    """The statements of a body, linked, and where each stands in the source."""
    journey = _Journey(line_of)
    journey.write(body, journey.layout.end, Keys())
    return journey.layout.finish()


class _Journey:
    """Writes the statements of one campaign."""

    def __init__(self, line_of: LineOf) -> None:
        self.layout = StatementLayout()
        self._line_of = line_of
        self._steps: defaultdict[str, Label] = defaultdict(Label)

    def write(self, body: bound.BoundBody, follow: Label, keys: Keys) -> None:
        """Lay a body."""
        for position, statement in enumerate(body):
            last = position == len(body) - 1
            after = follow if last else Label()
            self._lay(statement, keys.next(statement.said), after, keys)
            if not last:
                self.layout.put(after)

    def _lay(self, node: bound.BoundStatement, key: str, follow: Label, keys: Keys) -> None:
        match node:
            case bound.BoundAct():
                self._act(node, key, follow)
            case bound.BoundPause():
                self._pause(node, key, follow)
            case bound.BoundIf():
                self._if(node, key, follow, keys)
            case bound.BoundAwait():
                self._await(node, key, follow, keys)
            case bound.BoundStep():
                self._step(node, key, follow)
            case bound.BoundGoTo():
                self._go(node, key, follow)
            case bound.BoundRepeat():
                self._repeat(node, key, follow, keys)
            case bound.BoundQuit():
                self._quit(node, key)
            case bound.BoundSplit():
                self._split(node, key, follow, keys)
            case _:
                assert_never(node)

    def _branch(self, body: bound.BoundBody, start: Label, keys: Keys, to: Label) -> None:
        self.layout.put(start)
        self.write(body, to, keys)

    def _place(self, span: Span, said: Said) -> Place:
        return Place(self._line_of(span), said)

    # --- Phrases ------------------------------------------------------------------------

    def _act(self, node: bound.BoundAct, key: str, follow: Label) -> None:
        place = self._place(node.span, node.said)
        self.layout.add(node.span, lambda at: Act(key, place, node.effects, at(follow)))

    def _pause(self, node: bound.BoundPause, key: str, follow: Label) -> None:
        place = self._place(node.span, node.said)
        self.layout.add(node.span, lambda at: Pause(key, place, node.wait, at(follow)))

    # --- Branches -----------------------------------------------------------------------

    def _if(self, node: bound.BoundIf, key: str, follow: Label, keys: Keys) -> None:
        for position, (asked, body) in enumerate(node.branches):
            inside = keys.inside(key, asked.said)
            own = key if position == 0 else f"{inside.branch}if"
            last = position == len(node.branches) - 1 and not node.otherwise
            yes, no = (Label() if body else follow), (follow if last else Label())
            opening = Said("else_if" if position else "if", (), (asked.said,))
            self._decide(asked, own, (yes, no), opening)
            if body:
                self._branch(body, yes, inside, follow)
            if not last:
                self.layout.put(no)
        if node.otherwise:
            self.write(node.otherwise, follow, keys.inside(key, _ELSE))

    def _decide(
        self, asked: bound.BoundCondition, key: str, ways: tuple[Label, Label], opening: Said
    ) -> None:
        place = self._place(asked.span, opening)
        yes, no = ways
        self.layout.add(asked.span, lambda at: Decide(key, place, asked.condition, at(yes), at(no)))

    def _await(self, node: bound.BoundAwait, key: str, follow: Label, keys: Keys) -> None:
        place = self._place(node.span, node.said)
        late = Label() if node.timeout else follow
        ways = [
            (self._place(one.span, one.opening), one, Label() if one.body else follow)
            for one in node.branches
        ]
        concerned = {topic for _, one, _ in ways for topic in topics(one.condition.condition)}
        self.layout.add(
            node.span,
            lambda at: Await(
                key,
                place,
                tuple(Branch(where, one.condition.condition, at(to)) for where, one, to in ways),
                node.limit,
                at(late),
                tuple(sorted(concerned)),
            ),
        )
        for _, one, start in ways:
            if one.body:
                self._branch(one.body, start, keys.inside(key, one.condition.said), follow)
        if node.timeout:
            self._branch(node.timeout, late, keys.inside(key, _TIMEOUT), follow)

    def _split(self, node: bound.BoundSplit, key: str, follow: Label, keys: Keys) -> None:
        place = self._place(node.span, node.said)
        upto = accumulate(one.part for one in node.shares)
        ways = [
            (one, end, Label() if one.body else follow)
            for one, end in zip(node.shares, upto, strict=True)
        ]
        self.layout.add(
            node.span,
            lambda at: Split(
                key,
                place,
                node.salt,
                tuple(Share(one.name, end, at(to)) for one, end, to in ways),
                node.floor,
            ),
        )
        for one, _, start in ways:
            if one.body:
                self._branch(one.body, start, keys.inside(key, one.said), follow)

    # --- Steps, jumps, loops, exits -----------------------------------------------------

    def _step(self, node: bound.BoundStep, key: str, follow: Label) -> None:
        self.layout.put(self._steps[node.name])
        place = self._place(node.span, node.said)
        self.layout.add(node.span, lambda at: Step(key, place, node.name, at(follow)))

    def _go(self, node: bound.BoundGoTo, key: str, follow: Label) -> None:
        target = self._steps[node.step]
        place = self._place(node.span, node.said)
        self.layout.add(node.span, lambda at: Jump(key, place, at(target), node.times, at(follow)))

    def _repeat(self, node: bound.BoundRepeat, key: str, follow: Label, keys: Keys) -> None:
        start, test, body = Label(), Label(), Label()
        place = self._place(node.span, node.said)
        self.layout.put(start)
        self.layout.add(node.span, lambda at: LoopStart(key, place, at(test)))
        if node.body:
            self._branch(node.body, body, keys.inside(key, _BODY), test)
        self.layout.put(test)
        back = body if node.body else follow
        self.layout.add(
            node.span,
            lambda at: Loop(f"{key}/end", place, at(start), at(back), node.times, at(follow)),
        )

    def _quit(self, node: bound.BoundQuit, key: str) -> None:
        place = self._place(node.span, node.said)
        self.layout.add(node.span, lambda at: Leave(key, place, node.outcome))
