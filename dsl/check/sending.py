"""What a campaign sends by itself, compared with what the policy lets leave.

Only what is certain is told: of a path, the sends that come within a window however long its waits
last. What waits for an event or a date may last any time, and begins anew.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from dsl.check.campaigns import CheckedCampaign
from dsl.check.elapsed import longest_wait, seconds_of
from dsl.check.policies import CheckedTerm, PolicyChecker
from dsl.diagnostics import Span
from dsl.language.fr.writing import duration as in_words
from dsl.policy import Cap
from dsl.tree.bound import (
    BoundAct,
    BoundAwait,
    BoundBody,
    BoundGoTo,
    BoundIf,
    BoundPause,
    BoundQuit,
    BoundRepeat,
    BoundSplit,
    BoundStatement,
)
from relance.effects import Send
from relance.fold import fold
from relance.french import quoted

#: For each send of a path that is still within the window, how many seconds ago at most.
_Ages: TypeAlias = tuple[int, ...]
#: Paths that meet are followed on together up to so many, those that sent most.
_MOST = 64


def judge_sending(campaigns: Iterable[CheckedCampaign], policy: PolicyChecker) -> None:
    """Question the sends by which a campaign alone exceeds a cap."""
    caps = [(one, one.term) for one in policy.terms if isinstance(one.term, Cap)]
    service = {one.code: one.service for one in policy.channels.values()}
    for campaign in campaigns:
        if not campaign.linkable:
            continue
        for where, cap in caps:

            def counts(effect: object, cap: Cap = cap) -> bool:
                if not isinstance(effect, Send) or effect.to is not None:
                    return False
                of_service = fold(effect.message) in service.get(effect.channel, ())
                known = effect.channel in (cap.channels or service)
                return known and (cap.every or not of_service)

            walk = _Walk(counts, cap.most, seconds_of(cap.window))
            walk.through(campaign.bound.body, {()})
            for span in list(walk.over)[:1]:
                _tell(campaign, span, where, cap)


def _tell(campaign: CheckedCampaign, span: Span, where: CheckedTerm, cap: Cap) -> None:
    fate = "il ne partirait pas" if cap.skip else "il attendrait son tour"
    line = where.findings.line(where.span)
    campaign.findings.warn(
        "R436",
        span,
        f"À elle seule, cette campagne dépasse ici la politique ({quoted(cap.said)}, dans "
        f"{where.findings.file}, ligne {line}) : c’est un message de trop en {in_words(cap.window)}, et {fate}. "
        "Espacez ces envois, ou relevez la limite.",
    )


@dataclass(slots=True)
class _Walk:
    """Follows every path of a journey; `over`: where one sends more than `most` in a window."""

    counts: Callable[[object], bool]
    most: int
    window: int
    over: dict[Span, None] = field(default_factory=dict)

    def through(self, body: BoundBody, paths: set[_Ages]) -> set[_Ages]:
        """The paths at the end of a body, begun by those; none when it never ends."""
        for statement in body:
            paths = self._kept(self._past(statement, paths))
        return paths

    def _past(self, statement: BoundStatement, paths: set[_Ages]) -> set[_Ages]:
        match statement:
            case BoundAct(effects=effects):
                return {self._sent(one, effects, statement.span) for one in paths}
            case BoundPause(wait=wait):
                return self._later(paths, longest_wait(wait))
            case BoundIf(branches=branches, otherwise=otherwise):
                return self._each([*(body for _, body in branches), otherwise], paths)
            case BoundSplit(shares=shares):
                return self._each([one.body for one in shares], paths)
            case BoundAwait(branches=branches, limit=limit, timeout=timeout):
                waited = None if limit is None else seconds_of(limit)
                after = self._later(paths, waited)
                bodies = [one.body for one in branches]
                return self._each([*bodies, timeout] if limit is not None else bodies, after)
            case BoundRepeat(times=times, body=body):
                found = set(paths)
                for _ in range(min(times, self.most + 1)):
                    paths = self.through(body, paths)
                    found |= paths
                return found
            case BoundGoTo() | BoundQuit():
                return set()
        return paths

    def _each(self, bodies: Sequence[BoundBody], paths: set[_Ages]) -> set[_Ages]:
        return {end for body in bodies for end in self.through(body, paths)}

    def _sent(self, ages: _Ages, effects: Sequence[object], span: Span) -> _Ages:
        sends = sum(1 for one in effects if self.counts(one))
        found = (*ages, *([0] * sends))
        if sends and len(found) > self.most:
            self.over.setdefault(span)
        return found[-(self.most + 1) :]

    def _later(self, paths: set[_Ages], seconds: int | None) -> set[_Ages]:
        if seconds is None:
            return {()} if paths else set()
        moved = (tuple(age + seconds for age in one) for one in paths)
        return {tuple(age for age in one if age < self.window) for one in moved}

    def _kept(self, paths: set[_Ages]) -> set[_Ages]:
        if len(paths) <= _MOST:
            return paths
        return set(sorted(paths, key=lambda one: (-len(one), one))[:_MOST])
