"""Templates that cost little whatever their values are, filled in where one stands.

Most messages are fixed text, with names here and there and a few conditions: nothing in them repeats
or swells, and handing them to the process apart costs many times what filling them in does. Such a
template is pressed once, when it is read: what is fixed stands ready, each name and each condition is
a function of the values. What it cannot hold (a loop, a capture, a filter that makes much of little)
leaves the template to the library, and what its values cannot (a long text, a list to write) leaves
that message to it: whatever is written here is what the library would write.
"""

from typing import Any

from liquid import BoundTemplate, Environment
from liquid.ast import Node
from liquid.exceptions import LiquidError

from relance.templates.pieces import Press, Unpressed, write

#: What the whole may be: far from where the library stops, which then never has to.
_MOST_WRITTEN = 100_000


class Pressed(BoundTemplate):
    """A pressed template: the same to whoever renders it, but that it may leave it to another."""

    def __init__(self, env: Environment, nodes: list[Node]) -> None:
        super().__init__(env, nodes)
        self._pieces = Press(env).pieces(nodes)

    def render(self, *given: Any, **named: Any) -> str:
        """What it says with these values; Unpressed when it is not for here to say."""
        written: list[str] = []
        try:
            write(self._pieces, dict(*given, **named), written)
        except LiquidError as error:
            raise Unpressed from error
        text = "".join(written)
        if len(text) > _MOST_WRITTEN:
            raise Unpressed
        return text


def press(template: BoundTemplate) -> Pressed:
    """The same template, pressed; Unpressable when something in it is left to the library."""
    return Pressed(template.env, template.nodes)
