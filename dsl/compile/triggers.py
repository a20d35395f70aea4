"""Triggers: each « quand », as what the engine listens for."""

from collections.abc import Callable
from typing import TypeAlias

from dsl.diagnostics import Span
from dsl.identity import Ordinals, identity
from dsl.program import Place, Trigger
from dsl.tree.bound import BoundWhen

#: The 1-based line where a span begins, in the source it is of.
LineOf: TypeAlias = Callable[[Span], int]


class TriggerCompiler:
    """Compiles the « quand » of one block."""

    def __init__(self, line_of: LineOf, owner: str) -> None:
        """`owner`: the identity of what the triggers are of, where they are known outside of it."""
        self._line_of = line_of
        self._owner, self._ordinals = owner, Ordinals()

    def compile(self, when: BoundWhen) -> tuple[Trigger, ...]:
        """The triggers one « quand » stands for."""
        place = Place(self._line_of(when.span), when.said)
        return tuple(
            Trigger(
                place,
                on=one.on,
                condition=one.condition,
                schedule=one.schedule,
                key=self._ordinals.next(f"{self._owner}{identity(one.said)}"),
            )
            for one in when.triggers
        )
