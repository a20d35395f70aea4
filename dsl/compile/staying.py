"""« ordre : Audience »: whoever comes to the end of a branch stays there, until an exit takes him out."""

from collections.abc import Sequence

from dsl.compile.linking import relinked
from dsl.program import END, Await, Branch, Place, Statement
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
    return (*(relinked(one, lambda at: last if at == END else at) for one in statements), rest)
