"""What a template may cost: each thing it walks through is counted, so that no words of it last.

The library bounds nested loops and what is written, not what is passed over (`offset` in a long
range, loops that follow each other, a filter given a long text a thousand times), and adds up all
that was assigned at each assignment. Here one count holds them all. A step is about a character
of the template gone through, or sixteen characters of a value: all of them last about a second.
"""

from collections.abc import Callable, Sized
from typing import Any, TextIO

from liquid import BoundTemplate, RenderContext, Token, TokenStream
from liquid.ast import BlockNode, Node
from liquid.builtin.tags.for_tag import ForNode, ForTag
from liquid.exceptions import LocalNamespaceLimitError, LoopIterationLimitError
from liquid.undefined import UNDEFINED
from liquid.utils import ReadOnlyChainMap

#: What one rendering may walk through.
MOST_STEPS = 500_000
_CHARACTERS_A_STEP = 16


class Counted(RenderContext):
    """What a template sees while it is rendered, and how many steps it has left."""

    __slots__ = ("_held", "_left")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # The library's own « now » and « today » read the machine's clock: ours are given.
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)
        self._left = MOST_STEPS
        self._held = 0

    def spend(self, steps: int) -> None:
        """Count steps; LoopIterationLimitError once there are none left."""
        self._left -= steps
        if self._left < 0:
            raise LoopIterationLimitError("too many steps", token=None)

    def get(
        self, path: list[object], *, token: Token | None, default: object = UNDEFINED
    ) -> object:
        """A value by its path; a long one costs more to whoever handles it."""
        found = super().get(path, token=token, default=default)
        self.spend(cost(found))
        return found

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """A filter, which costs what it is given."""
        inner = super().filter(name, token)

        def counted(*given: object, **named: object) -> object:
            self.spend(sum(map(cost, given)))
            return inner(*given, **named)

        return counted

    def assign(self, key: str, val: Any) -> None:
        """Keep a value; what is held is counted as it changes, not added up each time."""
        former = cost(self.locals[key]) if key in self.locals else 0
        self._held += cost(val) - former
        most = self.env.local_namespace_limit
        if most is not None and self._held * _CHARACTERS_A_STEP > most:
            raise LocalNamespaceLimitError("local namespace limit reached", token=None)
        self.locals[key] = val


def cost(given: object) -> int:
    """One step, and more for what is long."""
    if isinstance(given, str | list | tuple):
        return 1 + len(given) // _CHARACTERS_A_STEP
    return 1


def spend(context: RenderContext, steps: int) -> None:
    """Count steps of what is rendered there."""
    if isinstance(context, Counted):
        context.spend(steps)


class CountedTemplate(BoundTemplate):
    """A template whose rendering is counted."""

    context_class = Counted


class _Turn(BlockNode):
    """The inside of a loop: each turn costs its length."""

    __slots__ = ("_length",)

    def __init__(self, block: BlockNode, length: int) -> None:
        super().__init__(block.token, block.nodes)
        self._length = length

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Render the body once more, its length taken from the budget; what `ForNode` returns."""
        spend(context, self._length)
        return super().render_to_output(context, buffer)


class _Loop(ForNode):
    """A loop: what it goes over costs its whole length, the part that is passed over too."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Every turn of it."""
        over = self.expression.iterable.evaluate(context)
        spend(context, _length(over))
        return super().render_to_output(context, buffer)


def _length(over: object) -> int:
    if isinstance(over, range):
        return over.stop - over.start  # its own `len` overflows
    return len(over) if isinstance(over, Sized) else 1


class CountedFor(ForTag):
    """The tag `for`."""

    node_class = _Loop

    def parse(self, stream: TokenStream) -> Node:
        """The loop, each turn of it weighed."""
        began = stream.current.start_index
        node = super().parse(stream)
        if isinstance(node, ForNode):
            node.block = _Turn(node.block, max(1, stream.current.start_index - began))
        return node
