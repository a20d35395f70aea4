"""What changes in the policy of a project: its lines by what they ask, not by how they are said."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dsl.comparison import Alteration
from dsl.policy import Policy, Term


@dataclass(frozen=True, slots=True)
class PolicyEdit:
    """A line that is not the same on both sides, as each says it; empty where it is not there."""

    alteration: Alteration
    before: str = ""
    after: str = ""


def policy_edits(old: Policy, new: Policy) -> Iterator[PolicyEdit]:
    """Those that are gone, then those that are said otherwise or come."""
    were, are = _by_sense(old), _by_sense(new)
    for sense, said in were.items():
        if sense not in are:
            yield PolicyEdit(Alteration.REMOVED, before=said)
    for sense, said in are.items():
        if sense not in were:
            yield PolicyEdit(Alteration.ADDED, after=said)
        elif were[sense] != said:
            yield PolicyEdit(Alteration.REWORDED, were[sense], said)


def _by_sense(policy: Policy) -> dict[Term, str]:
    terms: tuple[Term, ...] = (*policy.caps, *policy.quiet, *policy.validities)
    return {replace(one, said=""): one.said for one in terms}
