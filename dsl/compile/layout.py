"""Layout: statements laid in the order written, linked by labels until all have their index."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from dsl.diagnostics import Span
from dsl.program import END, Statement


class Label:
    """A point of the program to come; one never put is its end."""

    __slots__ = ("index",)

    def __init__(self) -> None:
        self.index = END


Resolve: TypeAlias = Callable[[Label], int]
Make: TypeAlias = Callable[[Resolve], Statement]


@dataclass(frozen=True, slots=True)
class _Draft:
    make: Make
    span: Span


class StatementLayout:
    """The statements of one program while it is being written."""

    def __init__(self) -> None:
        self._drafts: list[_Draft] = []
        #: Where the lead finishes.
        self.end = Label()

    def put(self, label: Label) -> None:
        """`label` is where the next statement will stand."""
        label.index = len(self._drafts)

    def add(self, span: Span, make: Make) -> None:
        """Lay one statement."""
        self._drafts.append(_Draft(make, span))

    def finish(self) -> tuple[tuple[Statement, ...], tuple[Span, ...]]:
        """The statements, linked, and where each stands in the source."""
        statements = tuple(draft.make(lambda label: label.index) for draft in self._drafts)
        return statements, tuple(draft.span for draft in self._drafts)
