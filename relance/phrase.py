"""Phrases: the words a plugin adds to the language, and what they mean."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from relance.effects import Effect
from relance.events import EventPattern
from relance.facts import Condition
from relance.waits import Wait

Meaning: TypeAlias = EventPattern | Condition | Sequence[Effect] | Wait


class Kind(Enum):
    """What a phrase can be used for, and so what its `means` must return.

    An EVENT (`EventPattern`) is a trigger, a decision and a stimulus of scenarios; a STATE
    (`Condition`) a decision, and a trigger when it turns true; an ACTIVITY (`Effect`s) and a
    WAIT (`Wait`) are statements.
    """

    EVENT = "événement"
    STATE = "état"
    ACTIVITY = "activité"
    WAIT = "attente"


class Engagement(Enum):
    """What a person did with a message that an EVENT says she did."""

    READ = "read"
    CLICKED = "clicked"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence of the catalogue.

    `pattern` and `aliases` are French words with typed slots, « Lien {link:lien} cliqué dans
    courriel {message:courriel} »; `[…]` holds words that may be left out. The first pattern
    is the one the formatter writes. `means` is called with the slots' values by name; values
    it cannot accept together make it raise ValueError, in French, for the author. `id` is
    stable for ever (`plugin.name`). `example` must parse back to this phrase. `english` is the
    pattern of the English surface, with the same slots. `weak` marks an event that is poor
    evidence of a person (machines open e-mails too): a branch resting on it alone is questioned.
    `engagement`: the event says that a person did so with the message its only slot names; of such
    events a campaign's goal is made, « au moins un message lu ».
    """

    id: str
    kind: Kind
    pattern: str
    means: Callable[..., Meaning]
    help: str
    example: str
    aliases: tuple[str, ...] = ()
    english: str | None = None
    weak: bool = False
    engagement: Engagement | None = None
