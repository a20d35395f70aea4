"""One publication, whole: what the engine runs until another takes its place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.engine.goals.stored import StoredGoal
from server.engine.index import Index
from server.engine.life.lifecycle import NOBODY, Lifecycles
from server.engine.lists.dynamic_list import DynamicList
from server.engine.owner import Key
from server.engine.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Published:
    """Immutable: a publication, even of the same files, makes another.

    `number`: of the publication whose files are kept, 0 when none are. `lists`: those that others
    rest on first. `unbuilt`, `unnoted`: the lists and state triggers that were yet to be gone over
    when it was read. `lifecycles`: which campaigns run, those of `index`.
    """

    number: int
    index: Index
    lists: Sequence[DynamicList] = ()
    rules: Sequence[Rule] = ()
    unbuilt: frozenset[int] = frozenset()
    unnoted: frozenset[Key] = frozenset()
    lifecycles: Lifecycles = NOBODY
    goals: Sequence[StoredGoal] = ()

    def settled(self) -> "Published":
        """The same, once the store knows which campaigns run."""
        return replace(self, lifecycles=self.lifecycles.settled())


#: Before anything is.
NOTHING = Published(0, Index(()))
