"""By what a base counts, fact by fact: a release that counts one thing more counts that thing, and leaves
what years have counted as it is.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from server.store.counters import visitors
from server.store.counters.counted import COUNTED, VISITOR_DAYS, CountedFact
from server.store.counters.triggers import counted_with, triggers


class FactBasis(NamedTuple):
    """How a fact is counted, and which kinds it counts: `kinds`, or (not `whole`) all that begin so."""

    signature: str
    kinds: str
    whole: bool

    def meets(self, other: "FactBasis") -> bool:
        """Whether both may count in one counter, where what one counted cannot be told from the other."""
        if self.whole and other.whole:
            return self.kinds == other.kinds
        short, long = sorted((self, other), key=lambda one: len(one.kinds))
        return long.kinds.startswith(short.kinds) and not short.whole


class Recounted(NamedTuple):
    """What is to be counted again: these facts, and the counters that go first; `days`: those on which
    people came to the site are made again too."""

    facts: Sequence[CountedFact]
    gone: Sequence[FactBasis]
    days: bool


@dataclass(frozen=True, slots=True)
class CountingBasis:
    """`clocks`: of the zone whose days are counted; `days`: how those of visitors are kept; each fact by
    its name; the names of the `triggers`, in order."""

    clocks: str
    days: str
    facts: Mapping[str, FactBasis]
    triggers: Sequence[str]

    @classmethod
    def read(cls, text: str | None) -> "CountingBasis | None":
        """As `text` wrote it; None for what an earlier release counted by, or nothing."""
        try:
            clocks, days, facts, names = json.loads(text or "")
            known = {name: FactBasis(*one) for name, one in facts.items()}
            return cls(clocks, days, known, list(names))
        except (ValueError, TypeError, AttributeError):
            return None

    @property
    def text(self) -> str:
        """As a base keeps it."""
        return json.dumps([self.clocks, self.days, self.facts, self.triggers])

    def since(self, kept: "CountingBasis | None", there: Collection[str]) -> Recounted | None:
        """What a base that counts by `kept` has to count again; None: everything.

        `there`: the triggers it has: without those by which it counted, nobody knows what it missed.
        """
        if kept is None or kept.clocks != self.clocks or set(kept.triggers) != set(there):
            return None
        days = kept.days != self.days
        stale = {name for name, one in self.facts.items() if kept.facts.get(name) != one}
        stale |= {one.name for one in COUNTED if days and one.table == VISITOR_DAYS}
        gone = [one for name, one in kept.facts.items() if name in stale or name not in self.facts]
        gone += [one for name, one in self.facts.items() if name in stale]
        while others := [n for n in self.facts if n not in stale and self._meets(n, gone)]:
            # They lose their counters with those that go, and others with them in turn.
            stale |= set(others)
            gone += [self.facts[name] for name in others]
        return Recounted([one for one in COUNTED if one.name in stale], gone, days)

    def _meets(self, name: str, gone: Sequence[FactBasis]) -> bool:
        return any(self.facts[name].meets(one) for one in gone)


@cache
def basis_of(dialect: str, clocks: str) -> CountingBasis:
    """What this release counts by, in the days of those clocks."""
    days = "\n".join((*visitors.filling().splitlines(), *map(str, visitors.kept_by(dialect))))
    facts = {
        one.name: FactBasis(_digest(counted_with(one, dialect)), *_kinds(one)) for one in COUNTED
    }
    names = sorted(one.name for one in triggers(dialect))
    return CountingBasis(_digest(clocks), _digest(days), facts, names)


def _kinds(one: CountedFact) -> tuple[str, bool]:
    """The constant that its kind is or begins with."""
    constant = one.kind.split("'")[1]
    return constant, one.kind == f"'{constant}'"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
