"""Text and plain values that follow each other in a template, written at once.

Most of a message is fixed text with a first name or an address here and there. The library visits
each piece by itself, resolves a path where a name is enough, and measures each piece it writes. What is more than a name (a filter, a condition, a loop) is left
to the library.
"""

from collections.abc import Iterable
from typing import TextIO

from liquid import RenderContext
from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.stringify import to_liquid_string

from relance.templates.budget import cost, spend


class _Name(str):
    """The name of a value."""

    __slots__ = ()


class _Run(Node):
    """Such a run: texts as they stand, and names."""

    __slots__ = ("_pieces",)

    def __init__(self, first: Node, pieces: list[str]) -> None:
        super().__init__(first.token)
        self._pieces = pieces

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """The whole of it, each value costing what it does by itself; a name nobody gave is nothing."""
        scope, escaped, written = context.scope, context.autoescape, []
        for piece in self._pieces:
            if type(piece) is _Name:
                found = scope.get(piece, "")
                spend(context, cost(found))
                written.append(to_liquid_string(found, escaped))
            else:
                written.append(piece)
        return buffer.write("".join(written))


def in_runs(nodes: Iterable[Node]) -> list[Node]:
    """The same nodes, those that make a run being one."""
    made: list[Node] = []
    pieces: list[str] = []
    first: Node | None = None
    for node in nodes:
        piece = _piece(node)
        if piece is None:
            if first is not None:
                made.append(_Run(first, pieces))
            made.append(node)
            pieces, first = [], None
            continue
        pieces.append(piece)
        first = first or node
    if first is not None:
        made.append(_Run(first, pieces))
    return made


def _piece(node: Node) -> str | None:
    """The text or the name that a node is; None when it is more."""
    if type(node) is ContentNode:
        return node.text
    if type(node) is not OutputNode:
        return None
    expression = node.expression
    if type(expression) is not FilteredExpression or expression.filters:
        return None
    path = expression.left
    if type(path) is Path and len(path.path) == 1 and isinstance(path.path[0], str):
        return _Name(path.path[0])
    return None
