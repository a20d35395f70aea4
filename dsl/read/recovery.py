"""Going on after a faulty line: the shortest tokens that bring the parser to the line's end.

Lark does this for its own grammars. Only state numbers move here, never values, so that a trial
costs nothing and changes nothing.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from lark.parsers.lalr_analysis import Shift

from dsl.diagnostics import Span
from dsl.tree.nodes import (
    AtStepUse,
    Every,
    ExitedUse,
    GoalDetail,
    MeasureUse,
    PhraseUse,
    Qualifier,
    ReachedUse,
    Text,
)
from dsl.tree.tokens import Token

_LONGEST = 5
_States = Mapping[Any, Mapping[str, tuple[Any, Any]]]


def after(states: _States, stack: Sequence[Any], token: str) -> list[Any] | None:
    """The stack of states once `token` is read; None where it cannot stand."""
    moved = list(stack)
    while True:
        step = states[moved[-1]].get(token)
        if step is None:
            return None
        action, target = step
        if action is Shift:
            moved.append(target)
            return moved
        if target.expansion:
            del moved[-len(target.expansion) :]
        moved.append(states[moved[-1]][target.origin.name][1])


def path_to_line_end(states: _States, stack: Sequence[Any]) -> list[str] | None:
    """The shortest tokens after which the end of the line can stand."""
    queue: deque[tuple[list[Any], list[str]]] = deque([(list(stack), [])])
    seen = {stack[-1]}
    while queue:
        here, path = queue.popleft()
        if after(states, here, "_NL") is not None:
            return path
        if len(path) == _LONGEST:
            continue
        for token in sorted(states[here[-1]]):
            if not token.lstrip("_").isupper() or token in ("_NL", "$END"):
                continue
            then = after(states, here, token)
            if then is not None and then[-1] not in seen:
                seen.add(then[-1])
                queue.append((then, [*path, token]))
    return None


def stand_in(kind: str, place: int) -> Token:
    """A token nobody wrote, with an empty value of the right sort."""
    span = Span(place, place)
    values: dict[str, Any] = {
        "PHRASE": PhraseUse(None, span=span),
        "EVERY": Every(None, None, span),
        "AT_STEP": AtStepUse(Text("", span), span),
        "EXITED": ExitedUse("left", "", None, span),
        "REACHED": ReachedUse(Text("", span), "", None, span),
        "MEASURE": MeasureUse("read", "", span),
        "GOAL_DETAIL": GoalDetail("", Text("", span), span),
        "QUALIFIER": Qualifier("entry", span=span),
    }
    return Token(kind, place, place, values.get(kind, Text("", span)))
