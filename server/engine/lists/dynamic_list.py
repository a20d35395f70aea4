"""A dynamic list as the engine keeps it: its condition, what it rests on, where its days begin."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from relance import facts
from relance.events import LIST_ADDED, LIST_REMOVED, EventPattern
from relance.fold import key_of
from server.engine.conditions.blank import may_hold
from server.engine.parameters import holes_of


@dataclass(frozen=True, eq=False)
class DynamicList:
    """The leads for whom `condition` holds; its days begin in `zone`."""

    number: int
    key: str
    name: str
    condition: facts.Condition
    zone: ZoneInfo

    @property
    def id(self) -> int:
        """What tells it from the versions, counted upwards, and from the rules, at -1."""
        return -1 - self.number

    @cached_property
    def holes(self) -> frozenset[str]:
        """The names of the holes its facts leave to fill."""
        return holes_of(facts.walk(self.condition))

    @cached_property
    def wakes(self) -> frozenset[EventPattern]:
        """The events that may change its members."""
        return facts.wakes(self.condition)

    @cached_property
    def rests_on(self) -> frozenset[str]:
        """The keys of the lists its condition asks about."""
        return asked(self.condition)

    @cached_property
    def listens_to(self) -> frozenset[str]:
        """The keys of the lists whose additions and removals it counts, however they end."""
        walked = facts.walk(self.condition)
        patterns = (node.pattern for node in walked if isinstance(node, facts.Events))
        types = (LIST_ADDED, LIST_REMOVED)
        return frozenset(key_of(each.subject or "") for each in patterns if each.type in types)

    @cached_property
    def timed(self) -> bool:
        """Whether time alone may change its members."""
        return facts.timed(self.condition)


def asked(condition: facts.Condition | None) -> frozenset[str]:
    """The keys of the lists a condition asks about."""
    walked = () if condition is None else facts.walk(condition)
    return frozenset(key_of(node.name) for node in walked if isinstance(node, facts.InList))


def open_to_new(lists: Iterable[DynamicList]) -> frozenset[str]:
    """The keys of those that may take in a lead of whom nothing is known; `lists`: in order."""
    found: set[str] = set()
    for list_ in lists:
        if may_hold(list_.condition, found):
            found.add(list_.key)
    return frozenset(found)


def in_order(lists: Iterable[DynamicList]) -> list[DynamicList]:
    """Those that others rest on first. The checker lets no circle through; one would be cut."""
    waiting = {list_.key: list_ for list_ in lists}
    found: list[DynamicList] = []

    def take(list_: DynamicList) -> None:
        for key in sorted(list_.rests_on):
            if key in waiting:
                take(waiting.pop(key))
        found.append(list_)

    while waiting:
        take(waiting.pop(min(waiting)))
    return found
