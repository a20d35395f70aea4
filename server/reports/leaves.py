"""What each phrase of a decision was found to be: « Lead étiqueté (Curieux) : vrai »."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from relance.facts import (
    Age,
    All,
    Birthday,
    Compare,
    Condition,
    Contains,
    Count,
    DaysUntil,
    Happened,
    InList,
    IsEmpty,
    LastDay,
    LastVisitLength,
    Leaf,
    MinutesSince,
    Not,
    Operand,
    Total,
    VisitPages,
    Visits,
    signed_leaves,
)
from relance.said import Said
from relance.values import Amount, Duration
from server.reports import french
from server.reports.glossary import Glossary
from server.store.instants import from_micros

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class LeafLine(str):
    """« Lead étiqueté (Curieux) : vrai », whose parts are drawn apart where there is room.

    `phrase`: what was asked; `holds`: its truth; `seen`: the value looked at, in words.
    """

    __slots__ = ("holds", "phrase", "seen")
    phrase: str
    holds: bool
    seen: str

    def __new__(cls, phrase: str, holds: bool, seen: str) -> "LeafLine":
        """The line of these parts."""
        answer = "vrai" if holds else "faux"
        made = super().__new__(cls, f"{phrase} : {answer}{f' ({seen})' if seen else ''}")
        made.phrase, made.holds, made.seen = phrase, holds, seen
        return made

    def within(self, what: str) -> "LeafLine":
        """The same, of a part of something: « liste (Curieux) : … »."""
        return LeafLine(f"{what} : {self.phrase}", self.holds, self.seen)


def leaf_lines(
    conditions: Sequence[Condition], stored: str | None, zone: ZoneInfo, glossary: Glossary
) -> list[LeafLine]:
    """One line a phrase, with its truth and the value looked at. `stored` is the journal's.

    A phrase that is denied is said and found so, wherever its « non » is written: what was met is
    true (« non A : vrai », « non B : vrai » of « non (A ou B) »).
    """
    return [
        LeafLine(
            glossary.said(Said("not", (), (leaf.said,)) if denied else leaf.said),
            truth is not denied,
            _seen(leaf.condition, value, zone),
        )
        for leaf, denied, truth, value in _results(conditions, stored)
    ]


def false_lists(conditions: Sequence[Condition], stored: str | None) -> list[str]:
    """The lists that the lead was asked to be on, and was not."""
    return [
        leaf.condition.name
        for leaf, denied, truth, _ in _results(conditions, stored)
        if isinstance(leaf.condition, InList) and not denied and not truth
    ]


def _results(
    conditions: Sequence[Condition], stored: str | None
) -> list[tuple[Leaf, bool, bool, object]]:
    """Each phrase, whether it is denied, whether it held, and its value; none if they do not match."""
    found = [leaf for condition in conditions for leaf in signed_leaves(condition)]
    results = json.loads(stored) if stored else []
    if len(found) != len(results):
        return []
    return [
        (leaf, denied, bool(truth), value)
        for (leaf, denied), (truth, value) in zip(found, results, strict=True)
    ]


def _seen(condition: Condition, value: object, zone: ZoneInfo) -> str:
    """The value looked at, in words; empty when there is nothing to add to the truth."""
    while isinstance(condition, Not):
        condition = condition.item
    if isinstance(condition, Happened):
        return _happened(value, zone)
    if isinstance(condition, Contains | Birthday):
        return _plainly(value)
    if isinstance(condition, IsEmpty):
        return "" if value is None else _plainly(value)
    if isinstance(condition, All):  # « entre … et … »
        compared = condition.items[0]
        return _seen(compared, value, zone) if isinstance(compared, Compare) else ""
    if not isinstance(condition, Compare):
        return ""
    if value is None:
        return "valeur absente"
    if isinstance(condition.left, Age):
        return french.count(_whole(value), "an")
    if isinstance(condition.left, DaysUntil):
        return french.count(_whole(value), "jour")
    if isinstance(condition.left, MinutesSince):
        return french.count(_whole(value), "minute")
    if isinstance(condition.left, Total):
        return french.value(Amount(Decimal(str(value)), condition.left.currency))
    if isinstance(condition.left, Count):
        return f"{_whole(value)} fois"
    return _of_visits(condition.left, value) or _plainly(value)


def _plainly(value: object) -> str:
    """A value as it was stored, in words: a date is a text there."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        with suppress(ValueError):  # a text of that look, and no day
            return french.day(date.fromisoformat(value))
    return french.value(value)


def _of_visits(operand: Operand, value: object) -> str:
    """What is counted of visits; empty for anything else."""
    if isinstance(operand, Visits):
        return french.count(_whole(value), "visite")
    if isinstance(operand, VisitPages):
        return french.count(_whole(value), "page")
    if isinstance(operand, LastVisitLength):
        return french.duration(Duration(seconds=_whole(value)))
    if isinstance(operand, LastDay):
        return french.day(date.fromisoformat(str(value)))
    return ""


def _happened(value: object, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and value > 1_000_000_000_000:
        return french.instant(from_micros(value), zone)
    return f"{_whole(value)} fois"


def _whole(value: object) -> int:
    return int(float(str(value)))
