"""« ordre : Audience »: what Audience itself would not take, said to whoever writes as one does there."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from dsl.check.findings import Findings
from dsl.diagnostics import Span
from dsl.tree import bound, nodes

#: Triggers of an entry, of an exit, and actions of a step, there (seed 004).
_MOST = 5


class _Placed(Protocol):
    @property
    def span(self) -> Span: ...


def judge_limits(campaign: nodes.Campaign, body: bound.BoundBody, findings: Findings) -> None:
    """Say where there is more than Audience takes: it works here all the same."""
    for several in (campaign.entries, *(block.rules for block in campaign.exits)):
        _tell(several, "déclencheurs", findings)
    for acts in _steps(body):
        _tell(acts, "actions dans une même étape", findings)


def _tell(several: Sequence[_Placed], what: str, findings: Findings) -> None:
    if len(several) > _MOST:
        findings.warn(
            "R441",
            several[_MOST].span,
            f"Audience n’accepte pas plus de cinq {what}, et il y en a ici {len(several)}. Relance "
            "les suit tous : ôtez-en si cette campagne doit pouvoir y retourner.",
        )


def _steps(body: bound.BoundBody) -> Iterator[Sequence[bound.BoundAct]]:
    """The actions that follow one another, wherever they stand."""
    acts: list[bound.BoundAct] = []
    for one in body:
        if isinstance(one, bound.BoundAct):
            acts.append(one)
            continue
        yield acts
        acts = []
        for inner in _bodies(one):
            yield from _steps(inner)
    yield acts


def _bodies(one: bound.BoundStatement) -> Iterator[bound.BoundBody]:
    match one:
        case bound.BoundIf():
            yield from (body for _, body in one.branches)
            yield one.otherwise
        case bound.BoundAwait():
            yield from (branch.body for branch in one.branches)
            yield one.timeout
        case bound.BoundRepeat():
            yield one.body
        case bound.BoundSplit():
            yield from (share.body for share in one.shares)
