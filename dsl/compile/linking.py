"""Linking statements anew, each where it led being somewhere else."""

from collections.abc import Callable
from dataclasses import replace

from dsl.program import Await, Decide, Jump, Leave, Loop, Split, Statement


def relinked(one: Statement, to: Callable[[int], int]) -> Statement:
    """A statement that goes, for each index it went to, to what `to` says."""
    match one:
        case Leave():
            return one
        case Decide():
            return replace(one, yes=to(one.yes), no=to(one.no))
        case Await():
            branches = tuple(replace(each, next=to(each.next)) for each in one.branches)
            return replace(one, branches=branches, timeout=to(one.timeout))
        case Split():
            return replace(one, shares=tuple(replace(x, next=to(x.next)) for x in one.shares))
        case Jump():
            return replace(one, target=to(one.target), next=to(one.next))
        case Loop():
            return replace(one, start=to(one.start), body=to(one.body), next=to(one.next))
        case _:
            return replace(one, next=to(one.next))
