"""Journeys: what the statements of a campaign's body mean, and what is wrong with them one by one.

What is wrong with the journey as a whole shows once it is linked (`dsl.check.flow`).
"""

from collections.abc import Callable, Sequence
from typing import Any

from dsl.check.activities import Activities
from dsl.check.amounts import Amounts
from dsl.check.conditions import Conditions
from dsl.check.scope import Setting
from dsl.check.shares import check_floor, check_shares
from dsl.check.steps import Steps
from dsl.check.text import plain
from dsl.diagnostics import Fix, Span
from dsl.help.wording import did_you_mean
from dsl.identity import identity
from dsl.language.fr.outcomes import OUTCOMES, outcome, outcomes_meant
from dsl.program import Exit
from dsl.tree import nodes
from dsl.tree.bound import (
    BoundAct,
    BoundAwait,
    BoundBody,
    BoundBranch,
    BoundCondition,
    BoundGoTo,
    BoundIf,
    BoundPause,
    BoundQuit,
    BoundRepeat,
    BoundShare,
    BoundSplit,
    BoundStatement,
    BoundStep,
)
from relance.french import quoted
from relance.said import Said

_WAYS_OUT = f" Écrivez {' ou '.join(map(quoted, OUTCOMES.values()))}."


class JourneyChecker:
    """Binds the statements of one campaign."""

    def __init__(self, conditions: Conditions, steps: Steps, *, aimed: bool = False) -> None:
        self._aimed = aimed
        self._activities = Activities(conditions)
        self._amounts = Amounts(conditions.meanings, conditions.findings)
        self._conditions = conditions
        self._meanings = conditions.meanings
        self._findings = conditions.findings
        self._sayings = conditions.sayings
        self._salts = conditions.scope.salts
        self._steps = steps
        self._bind: dict[type, Callable[[Any, Said], BoundStatement]] = {
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

    @property
    def requests(self) -> tuple[tuple[str, Span], ...]:
        """Each place that sends leads into a campaign, and its name."""
        return tuple(self._activities.requests)

    def bind(self, body: Sequence[nodes.Statement] | None) -> BoundBody:
        """A body, all that is wrong being reported; in the order written, as what is drawn is named."""
        return tuple(self._bind[type(one)](one, self._sayings.statement(one)) for one in body or ())

    def _asked(self, condition: nodes.Condition, setting: Setting) -> BoundCondition:
        found = self._conditions.ask(condition, setting)
        return BoundCondition(self._sayings.condition(condition), found, condition.span)

    def _do(self, node: nodes.Do, said: Said) -> BoundStatement:
        meaning = self._activities.of(node.use)
        if isinstance(meaning, tuple):
            return BoundAct(said, meaning, node.span)
        return BoundPause(said, meaning, node.span)

    # --- Branches -----------------------------------------------------------------------

    def _if(self, node: nodes.If, said: Said) -> BoundIf:
        branches = tuple(
            (self._asked(condition, Setting.DECISION), self.bind(body))
            for condition, body in node.branches
        )
        otherwise = self.bind(node.otherwise)
        self._repeated([asked for asked, _ in branches])
        return BoundIf(said, branches, otherwise, node.span)

    def _wait(self, node: nodes.WaitBlock, said: Said) -> BoundAwait:
        limit = self._amounts.limit(node.limit)
        asked = [self._asked(branch.condition, Setting.WAIT) for branch in node.branches]
        self._repeated(asked)
        if node.limit is None and node.timeout is not None:
            self._no_delay(node)
        branches = tuple(
            BoundBranch(Said("as_soon", (), (one.said,)), one, self.bind(branch.body), branch.span)
            for branch, one in zip(node.branches, asked, strict=True)
        )
        return BoundAwait(said, branches, limit, self.bind(node.timeout), node.span)

    def _repeated(self, asked: Sequence[BoundCondition]) -> None:
        for position, one in enumerate(asked):
            if any(one.condition == earlier.condition for earlier in asked[:position]):
                self._findings.warn(
                    "R423",
                    one.span,
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

    def _wait_that(self, node: nodes.WaitThat, said: Said) -> BoundAwait:
        one = self._asked(node.condition, Setting.WAIT)
        branch = BoundBranch(one.said, one, (), node.span)
        return BoundAwait(said, (branch,), self._amounts.limit(node.limit), (), node.span)

    def _split(self, node: nodes.SplitBlock, said: Said) -> BoundSplit:
        what = identity(said)
        named = node.name is not None and plain(node.name.text) != ""
        salt = self._salts.named(what) if named else self._salts.next(what)
        check_shares(node, self._meanings, self._findings)
        shares = tuple(
            BoundShare(
                self._sayings.share(share),
                plain(share.name.text) if share.name else self._sayings.part(share),
                self._amounts.percent(share.percent),
                self.bind(share.body),
            )
            for share in node.shares
        )
        floor = check_floor(node, self._meanings, self._findings, aimed=self._aimed)
        return BoundSplit(said, salt, shares, node.span, floor)

    # --- Steps, jumps, loops, exits -----------------------------------------------------

    def _step(self, node: nodes.StepMark, said: Said) -> BoundStep:
        self._salts.enter(identity(said))
        return BoundStep(said, self._steps.name_of(node), node.span)

    def _go(self, node: nodes.GoTo, said: Said) -> BoundGoTo:
        name = self._steps.target(node, self._meanings.references, self._findings)
        times = self._amounts.times(node.times) if node.times else None
        return BoundGoTo(said, name or "", times, node.span)

    def _repeat(self, node: nodes.Repeat, said: Said) -> BoundRepeat:
        return BoundRepeat(said, self._amounts.times(node.times), self.bind(node.body), node.span)

    def _quit(self, node: nodes.Quit, said: Said) -> BoundQuit:
        if node.outcome is None:
            return BoundQuit(said, Exit.FINISHED, node.span)
        read = outcome(node.outcome.text)
        if read is None:
            near = outcomes_meant(node.outcome.text)
            self._findings.error(
                "R420",
                node.outcome.span,
                f"{quoted(node.outcome.text)} n’est pas une façon de sortir."
                f"{did_you_mean(near) or _WAYS_OUT}",
                tuple(Fix(node.outcome.span, one, compared=True) for one in near),
            )
        return BoundQuit(said, Exit(read) if read else Exit.FINISHED, node.span)
