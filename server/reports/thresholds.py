"""By which of its triggers a lead entered a campaign, or left it: what the journal does not number.

The engine's own events name the trigger they set off; of any other, those that may have done it are
told apart by what they hear, and by how the stay ended.
"""

from collections.abc import Sequence
from typing import Any

from dsl.program import Program, Trigger
from server.engine.moves import Move
from server.engine.own_events import SCHEDULE_DUE, STATE_STANDS

#: The events that name a trigger: « version/number ».
_NAMING = frozenset({SCHEDULE_DUE, STATE_STANDS})


def triggers(program: Program, move: Any, event: Any, outcome: str | None) -> Sequence[Trigger]:
    """Those a move over the threshold may be by, the likeliest first; one alone when it is known.

    `event`: what set it going, None when nothing that is kept did. `outcome`: how the stay ended.
    """
    named = _named(program, move, event)
    if named is not None:
        return (named,)
    if move.kind == Move.ENTERED:
        return sorted(program.entries, key=lambda one: not _hears(one, event))
    rules = sorted(
        program.exits,
        key=lambda one: (one.outcome.value != outcome, not _hears(one.trigger, event)),
    )
    return tuple(one.trigger for one in rules)


def _named(program: Program, move: Any, event: Any) -> Trigger | None:
    if event is None or event.type not in _NAMING:
        return None
    version, _, number = (event.subject or "").partition("/")
    every = (*program.entries, *(rule.trigger for rule in program.exits))
    if version != str(move.version_id) or not number.isdecimal() or int(number) >= len(every):
        return None
    return every[int(number)]


def _hears(trigger: Trigger, event: Any) -> bool:
    """Whether an event of that type sets it off; a state may turn true by any."""
    return event is not None and trigger.on is not None and trigger.on.type == event.type
