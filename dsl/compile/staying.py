"""« ordre : Audience »: whoever comes to the end of a branch stays there, until an exit takes him out."""

from collections.abc import Sequence
from dataclasses import replace

from dsl.program import (
    END,
    Await,
    Branch,
    Decide,
    Jump,
    Leave,
    Loop,
    Place,
    Split,
    Statement,
)
from relance.facts import AnyOf
from relance.said import Said

_KEY = "order_end"
#: Nothing ever makes it true.
_NEVER = AnyOf(())


def staying(statements: Sequence[Statement], line: int) -> tuple[Statement, ...]:
    """The statements, all that led to the end leading to a last wait that nothing ends."""
    last = len(statements)
    place = Place(line, Said(_KEY))
    rest = Await(_KEY, place, (Branch(place, _NEVER, END),), None, END)
    return (*(_led(one, last) for one in statements), rest)


def _led(one: Statement, last: int) -> Statement:
    """A statement that goes there instead of to the end."""

    def to(index: int) -> int:
        return last if index == END else index

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
            return replace(one, body=to(one.body), next=to(one.next))
        case _:
            return replace(one, next=to(one.next))
