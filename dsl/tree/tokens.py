"""Tokens of `grammar.lark`: what a line is made of once every word of it was understood."""

from typing import Any, NamedTuple

from dsl.diagnostics import Span


class Token(NamedTuple):
    """A token of the grammar; `value` is what it stands for, already read."""

    type: str
    start: int
    end: int
    value: Any = None
    #: What the formatter writes for it.
    shown: str = ""

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)
