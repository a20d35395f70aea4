"""Indicators: what a plugin has counted of what happened over a period, said as values.

The server counts them, each kind by one statement over its own tables: a plugin reads no database.
A period begins at an instant and ends at another, the second left out; what is counted is what
happened in it, and money is in the currency of the server.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import TypeAlias

from relance.events import EventPattern
from relance.french import quoted

_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")
#: What the report of a period says of itself, in the same object.
RESERVED = ("du", "au", "devise")
#: Longer than that is a clock gone wrong, not something that took so long.
LONGEST = timedelta(days=7)
_LONGEST_WINDOW = timedelta(days=366)


class Shown(Enum):
    """How people read an indicator."""

    COUNT = auto()
    #: From 0 to 1.
    SHARE = auto()
    #: Seconds.
    DELAY = auto()
    #: In the currency of the server.
    AMOUNT = auto()


@dataclass(frozen=True, slots=True)
class EventCount:
    """How many of these events there were."""

    pattern: EventPattern


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of the numbers that a property of these events holds, from 0 to `most`; None of none."""

    pattern: EventPattern
    property: str
    most: float = LONGEST.total_seconds()


@dataclass(frozen=True, slots=True)
class LeadCount:
    """How many leads had such an event and, if another is given, such another one as well."""

    pattern: EventPattern
    also: EventPattern | None = None


@dataclass(frozen=True, slots=True)
class FollowedCount:
    """How many of these events were followed, for their lead, by one of those within the window."""

    pattern: EventPattern
    by: EventPattern
    window: timedelta


@dataclass(frozen=True, slots=True)
class LastBefore:
    """What came last before a purchase, of events of these types, no earlier than the window."""

    types: tuple[str, ...]
    window: timedelta


@dataclass(frozen=True, slots=True)
class Sales:
    """Events that are worth something: how many, or (`worth`) what they came to.

    `changes`: the types of events that change since what one was worth, its subject their context,
    whatever their dates. With `latest`, those only that such an event `after` came last before.
    """

    type: str
    changes: tuple[str, ...] = ()
    latest: LastBefore | None = None
    after: EventPattern | None = None
    worth: bool = False


@dataclass(frozen=True, slots=True)
class Ratio:
    """One measure over another; None over zero."""

    part: "Measure"
    whole: "Measure"


Measure: TypeAlias = EventCount | Mean | LeadCount | FollowedCount | Sales | Ratio


@dataclass(frozen=True, slots=True)
class Indicator:
    """A measure that has a name. `label` is French; without one, it is told to programs alone.

    `key` is its name in JSON, where « a.b » is the `b` of an object `a`: no other is then « a ».
    `meaning`: what it counts, in a French sentence for whoever reads it in a report.
    `also`: what else authors call it, in the objectives of campaigns. `beside`: the keys of those
    read with it where it is an objective, in that order, itself among them where it stands.
    """

    key: str
    label: str
    measure: Measure
    shown: Shown = Shown.COUNT
    also: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    meaning: str = ""

    @property
    def code(self) -> str:
        """What it goes by."""
        return self.key

    def faults(self) -> Iterator[str]:
        """What keeps it from being told, in French."""
        if not _KEY.fullmatch(self.key):
            yield "sa clé s’écrit en minuscules, chiffres et «\u00a0_\u00a0», avec un point au plus"
        if self.key.partition(".")[0] in RESERVED:
            yield f"sa clé est celle du rapport même, qui dit {', '.join(map(quoted, RESERVED))}"
        for one in bases(self.measure):
            window = one.window if isinstance(one, FollowedCount) else None
            if isinstance(one, Sales) and one.latest is not None:
                window = one.latest.window
                if one.after is None:
                    yield "des ventes d’après un événement disent lequel : «\u00a0after\u00a0»"
            if window is not None and not timedelta(0) < window <= _LONGEST_WINDOW:
                yield "sa fenêtre va d’un instant à 366 jours"

    def clashes(self, others: Iterable["Indicator"]) -> Iterator[str]:
        """What keeps it from standing beside others in one object, in French."""
        for other in others:
            if self.key == other.key:
                yield "deux indicateurs ont cette clé"
            elif self.key.startswith(f"{other.key}.") or other.key.startswith(f"{self.key}."):
                yield (
                    f"l’indicateur {quoted(other.key)} est déjà dit, et une clé ne peut être à la "
                    "fois une valeur et un objet ; donnez-lui une autre clé, sans ce point"
                )


def bases(measure: Measure) -> Iterator[EventCount | Mean | LeadCount | FollowedCount | Sales]:
    """What is counted to have it."""
    if isinstance(measure, Ratio):
        yield from bases(measure.part)
        yield from bases(measure.whole)
    else:
        yield measure
