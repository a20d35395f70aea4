"""Scope: what a condition's surroundings let it say, and what the checks remember of it."""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto

from dsl.check.names import Names
from dsl.diagnostics import Span
from dsl.tree.nodes import PhraseUse


class Setting(Enum):
    """Where a condition stands."""

    TRIGGER = auto()  # « quand … », in an entry
    CLAUSE = auto()  # « exclusion : … », « suppression : … »
    EXIT = auto()  # « quand … », in an exit
    DECISION = auto()  # « si … »
    WAIT = auto()  # « dès que … », « attendre que … »
    LIST = auto()  # « liste … : … »
    GOAL = auto()  # « objectif … : … »
    VERIFY = auto()  # « vérifier … »


@dataclass(slots=True)
class Salts:
    """Names the places where something is drawn, so that the same place draws the same for ever.

    A place is the last step named before it, what is drawn, and which of the same it is there; all by
    their identities, `owner` being that of the block it is in.
    """

    owner: str
    step: str = ""
    _seen: Counter[str] = field(default_factory=Counter)

    def enter(self, step: str) -> None:
        """A step begins."""
        self.step = step

    def named(self, what: str) -> str:
        """The salt of a draw with a name of its own, wherever it is moved in the block."""
        return self._next(f"{self.owner}/{what}")

    def next(self, what: str) -> str:
        """The salt of the next draw of that sort."""
        return self._next(f"{self.owner}/{self.step}/{what}")

    def _next(self, place: str) -> str:
        self._seen[place] += 1
        return f"{place}#{self._seen[place]}"


@dataclass(frozen=True, slots=True)
class AskedEvent:
    """An event phrase asked about, with the closed names in it: (slot type, name)."""

    use: PhraseUse
    setting: Setting
    names: tuple[tuple[str, str], ...]
    narrowed: bool
    span: Span


@dataclass(slots=True)
class CheckScope:
    """The surroundings of the conditions of one block."""

    salts: Salts
    steps: Names = field(default_factory=Names)
    setting: Setting = Setting.DECISION
    asked: list[AskedEvent] = field(default_factory=list)
