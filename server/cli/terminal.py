"""The one door to the operator's terminal: nothing printed there is obeyed by it but our own colours.

Commands print what strangers typed, what files hold and what they were given as arguments; to make
each place remember to be careful is to forget one. What rich renders is looked at piece by piece,
before it adds its colours; what is printed plainly and what is logged, as it leaves.
"""

import logging
from collections.abc import Iterable

import rich.console
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment

from relance.legible import in_json
from server.cli.safe import shown


class Console(rich.console.Console):
    """rich's console, deaf to what the text itself would have a terminal do."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The pieces of a renderable: the control codes of rich itself, and text without any."""
        for piece in super().render(renderable, options):
            if piece.control:
                yield piece
            else:
                yield Segment(shown(piece.text), piece.style)


class Lines(logging.Formatter):
    """Lines of the log: what a stranger wrote neither paints nor begins another one."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the lines of an error below it."""
        return shown(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 — as logging has it
        """The line itself."""
        record.message = record.message.replace("\r", " ").replace("\n", " ")
        return super().formatMessage(record)


def say(text: str, end: str = "\n") -> None:
    """Print a text as it is."""
    print(shown(text), end=end)


def say_json(data: object) -> None:
    """Print data for another program."""
    print(in_json(data, indent=2))
