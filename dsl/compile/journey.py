"""Journeys: the statements of a campaign's body, as the program's array.

Each method lays one kind of statement; `follow` is where the lead goes after it. Branches rejoin
there, so that « fin » costs nothing. Only jumps and loops go back.
"""

from collections.abc import Callable, Sequence
from typing import Any

from dsl.check.scope import Setting
from dsl.check.shares import check_shares
from dsl.check.steps import Steps
from dsl.compile.activities import Activities
from dsl.compile.amounts import Amounts
from dsl.compile.conditions import Conditions
from dsl.compile.identity import Keys, identity
from dsl.compile.layout import Label, StatementLayout
from dsl.compile.sayings import BODY, ELSE, TIMEOUT
from dsl.compile.text import plain
from dsl.diagnostics import Fix, Span
from dsl.help.wording import did_you_mean
from dsl.language.fr.outcomes import OUTCOMES, outcome, outcomes_meant
from dsl.program import (
    END,
    Act,
    Await,
    Branch,
    Decide,
    Exit,
    Jump,
    Leave,
    Loop,
    LoopStart,
    Pause,
    Place,
    Share,
    Split,
    Step,
)
from dsl.tree import nodes
from relance.facts import Condition, topics
from relance.french import quoted
from relance.said import Said
from relance.values import Duration

_WAYS_OUT = f" Écrivez {' ou '.join(map(quoted, OUTCOMES.values()))}."


class JourneyCompiler:
    """Writes the statements of one campaign."""

    def __init__(self, conditions: Conditions, steps: Steps) -> None:
        self.layout = StatementLayout()
        self._activities = Activities(conditions)
        self._amounts = Amounts(conditions.meanings, conditions.findings)
        self._conditions = conditions
        self._meanings = conditions.meanings
        self._findings = conditions.findings
        self._sayings = conditions.sayings
        self._scope = conditions.scope
        self._steps = steps
        self._labels: dict[str, Label] = {name: Label() for name in steps.names}
        self._lay: dict[type, Callable[[Any, str, Label, Keys], None]] = {
            nodes.Do: self._do,
            nodes.If: self._if,
            nodes.WaitBlock: self._wait,
            nodes.WaitThat: self._wait_that,
            nodes.StepMark: self._step,
            nodes.GoTo: self._go,
            nodes.Repeat: self._repeat,
            nodes.Quit: self._quit,
            nodes.SplitBlock: self._split,
        }

    @property
    def sent(self) -> frozenset[tuple[str, str]]:
        """Messages sent, by slot type and name."""
        return frozenset(self._activities.sent)

    @property
    def enters(self) -> frozenset[str]:
        """The campaigns leads are sent into."""
        return frozenset(self._activities.enters)

    def write(self, body: Sequence[nodes.Statement]) -> None:
        """Lay a campaign's whole body."""
        self._body(body, self.layout.end, Keys())

    def _body(self, body: Sequence[nodes.Statement], follow: Label, keys: Keys) -> None:
        for position, statement in enumerate(body):
            last = position == len(body) - 1
            after = follow if last else Label()
            key = keys.next(self._sayings.statement(statement))
            self._lay[type(statement)](statement, key, after, keys)
            if not last:
                self.layout.put(after)

    def _branch(self, body: Sequence[nodes.Statement], start: Label, keys: Keys, to: Label) -> None:
        self.layout.put(start)
        self._body(body, to, keys)

    def _place(self, span: Span, said: Said) -> Place:
        return Place(self._findings.line(span), said)

    def _ask(self, condition: nodes.Condition, setting: Setting) -> Condition:
        return self._conditions.ask(condition, setting)

    # --- Phrases ------------------------------------------------------------------------

    def _do(self, node: nodes.Do, key: str, follow: Label, keys: Keys) -> None:
        meaning = self._activities.of(node.use)
        place = self._place(node.span, self._sayings.statement(node))
        if isinstance(meaning, tuple):
            effects = meaning
            self.layout.add(node.span, lambda at: Act(key, place, effects, at(follow)))
        else:
            wait = meaning
            self.layout.add(node.span, lambda at: Pause(key, place, wait, at(follow)))

    # --- Branches -----------------------------------------------------------------------

    def _if(self, node: nodes.If, key: str, follow: Label, keys: Keys) -> None:
        decided: list[tuple[Span, Condition]] = []
        for position, (condition, body) in enumerate(node.branches):
            said = self._sayings.condition(condition)
            inside = keys.inside(key, said)
            own = key if position == 0 else f"{inside.branch}if"
            last = position == len(node.branches) - 1 and not node.otherwise
            yes, no = (Label() if body else follow), (follow if last else Label())
            asked = self._decide(
                condition, own, (yes, no), Said("else_if" if position else "if", (), (said,))
            )
            decided.append((condition.span, asked))
            if body:
                self._branch(body, yes, inside, follow)
            if not last:
                self.layout.put(no)
        if node.otherwise:
            self._body(node.otherwise, follow, keys.inside(key, ELSE))
        self._repeated(decided)

    def _decide(
        self, condition: nodes.Condition, key: str, ways: tuple[Label, Label], said: Said
    ) -> Condition:
        asked = self._ask(condition, Setting.DECISION)
        place = self._place(condition.span, said)
        yes, no = ways
        self.layout.add(condition.span, lambda at: Decide(key, place, asked, at(yes), at(no)))
        return asked

    def _wait(self, node: nodes.WaitBlock, key: str, follow: Label, keys: Keys) -> None:
        limit = self._amounts.limit(node.limit)
        ways = [(branch, Label() if branch.body else follow) for branch in node.branches]
        late = Label() if node.timeout else follow
        asked = [
            (
                self._place(
                    branch.span, Said("as_soon", (), (self._sayings.condition(branch.condition),))
                ),
                self._ask(branch.condition, Setting.WAIT),
                to,
            )
            for branch, to in ways
        ]
        spans = [branch.condition.span for branch in node.branches]
        self._repeated(list(zip(spans, [fact for _, fact, _ in asked], strict=True)))
        if node.limit is None and node.timeout is not None:
            self._no_delay(node)
        self._rest(node, key, asked, (limit, late))
        for branch, start in ways:
            if branch.body:
                inside = keys.inside(key, self._sayings.condition(branch.condition))
                self._branch(branch.body, start, inside, follow)
        if node.timeout:
            self._branch(node.timeout, late, keys.inside(key, TIMEOUT), follow)

    def _repeated(self, asked: Sequence[tuple[Span, Condition]]) -> None:
        for position, (span, condition) in enumerate(asked):
            if any(condition == earlier for _, earlier in asked[:position]):
                self._findings.warn(
                    "R423",
                    span,
                    "La même condition est déjà écrite plus haut, et la première l’emporte : personne "
                    "ne suit cette branche.",
                )

    def _no_delay(self, node: nodes.WaitBlock) -> None:
        self._findings.error(
            "R419",
            node.span,
            "Cette attente n’a pas de délai : « passé ce délai » n’arriverait jamais. Écrivez par "
            "exemple « attendre au plus 3 jours ».",
        )

    def _wait_that(self, node: nodes.WaitThat, key: str, follow: Label, keys: Keys) -> None:
        place = self._place(node.span, self._sayings.condition(node.condition))
        asked = [(place, self._ask(node.condition, Setting.WAIT), follow)]
        self._rest(node, key, asked, (self._amounts.limit(node.limit), follow))

    def _rest(
        self,
        node: nodes.WaitBlock | nodes.WaitThat,
        key: str,
        asked: Sequence[tuple[Place, Condition, Label]],
        end: tuple[Duration | None, Label],
    ) -> None:
        limit, late = end
        place = self._place(node.span, self._sayings.statement(node))
        concerned = tuple(sorted({topic for _, one, _ in asked for topic in topics(one)}))
        self.layout.add(
            node.span,
            lambda at: Await(
                key,
                place,
                tuple(Branch(where, one, at(to)) for where, one, to in asked),
                limit,
                at(late),
                concerned,
            ),
        )

    def _split(self, node: nodes.SplitBlock, key: str, follow: Label, keys: Keys) -> None:
        name = plain(node.name.text) if node.name else ""
        salts = self._scope.salts
        what = identity(self._sayings.statement(node))
        salt = salts.named(what) if name else salts.next(what)
        place = self._place(node.span, self._sayings.statement(node))
        check_shares(node, self._meanings, self._findings)
        upto, shares = 0, []
        for share in node.shares:
            upto += self._amounts.percent(share.percent)
            named = plain(share.name.text) if share.name else self._sayings.part(share)
            shares.append((named, upto, Label() if share.body else follow))
        self.layout.add(
            node.span,
            lambda at: Split(
                key, place, salt, tuple(Share(name, upto, at(to)) for name, upto, to in shares)
            ),
        )
        for share, (_, _, start) in zip(node.shares, shares, strict=True):
            if share.body:
                inside = keys.inside(key, self._sayings.share(share))
                self._branch(share.body, start, inside, follow)

    # --- Steps, jumps, loops, exits -----------------------------------------------------

    def _step(self, node: nodes.StepMark, key: str, follow: Label, keys: Keys) -> None:
        name = self._steps.name_of(node)
        self._scope.salts.enter(identity(self._sayings.statement(node)))
        if name in self._labels and self._labels[name].index == END:
            self.layout.put(self._labels[name])
        place = self._place(node.span, self._sayings.statement(node))
        self.layout.add(node.span, lambda at: Step(key, place, name, at(follow)))

    def _go(self, node: nodes.GoTo, key: str, follow: Label, keys: Keys) -> None:
        name = self._steps.target(node, self._meanings.references, self._findings)
        target = self._labels.get(name or "", follow)
        limit = self._amounts.times(node.times) if node.times else None
        place = self._place(node.span, self._sayings.statement(node))
        self.layout.add(node.span, lambda at: Jump(key, place, at(target), limit, at(follow)))

    def _repeat(self, node: nodes.Repeat, key: str, follow: Label, keys: Keys) -> None:
        times = self._amounts.times(node.times)
        start, test, body = Label(), Label(), Label()
        place = self._place(node.span, self._sayings.statement(node))
        self.layout.put(start)
        self.layout.add(node.span, lambda at: LoopStart(key, place, at(test)))
        if node.body:
            self._branch(node.body, body, keys.inside(key, BODY), test)
        self.layout.put(test)
        back = body if node.body else follow
        self.layout.add(
            node.span,
            lambda at: Loop(f"{key}/end", place, at(start), at(back), times, at(follow)),
        )

    def _quit(self, node: nodes.Quit, key: str, follow: Label, keys: Keys) -> None:
        way = Exit.FINISHED
        if node.outcome is not None:
            read = outcome(node.outcome.text)
            way = Exit(read) if read else way
            if read is None:
                near = outcomes_meant(node.outcome.text)
                self._findings.error(
                    "R420",
                    node.outcome.span,
                    f"{quoted(node.outcome.text)} n’est pas une façon de sortir."
                    f"{did_you_mean(near) or _WAYS_OUT}",
                    tuple(Fix(node.outcome.span, one, compared=True) for one in near),
                )
        place = self._place(node.span, self._sayings.statement(node))
        self.layout.add(node.span, lambda at: Leave(key, place, way))
