"""Identity: what a statement is known by, whatever its words, its line or its language.

It is what is said (the phrase's id and the values of its slots), which of the same it is in its branch,
and the branch: the statement that opens it and its own condition. A step is known by its name. Names
are folded as the language folds them; the order of conditions joined says nothing. What an author
tunes without changing the meaning (a limit, a number of times) stays outside.
"""

import json
from collections import Counter
from datetime import date, time
from decimal import Decimal
from enum import Enum
from hashlib import sha256

from relance.fold import identifier_of, key_of
from relance.said import Said
from relance.values import Amount, Change, Duration, FieldName, Percentage, Value

_LONGEST = 120
#: What joins conditions: of one alone, and within another of its kind, it says nothing more.
ALL, ANY = "all", "any"
#: What an author tunes of a statement that stays the same.
_TUNED = {
    **dict.fromkeys(("wait", "wait_that"), frozenset({"limit"})),
    **dict.fromkeys(("go", "repeat"), frozenset({"times"})),
}
#: Two ways to write one thing.
_SAME = {"wait_that": "wait"}
#: A named point of the journey: there is one of each name.
STEP = "step"


def identity(said: Said) -> str:
    """What is said, as a text: the same for all that says the same."""
    text = _written(said)
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - 13]}~{_hash(text)}"


def _written(said: Said) -> str:
    parts = sorted(map(_written, _joined(said)))
    if said.what in (ALL, ANY) and len(parts) == 1:
        return parts[0]
    left = _TUNED.get(said.what, frozenset())
    kept = sorted((one for one in said.values if one[0] not in left), key=_name)
    values = (f"{name}:{_value(value)}" for name, value in kept)
    return f"{_SAME.get(said.what, said.what)}({','.join((*values, *parts))})"


def _name(named: tuple[str, Value]) -> str:
    return named[0]


def _joined(said: Said) -> list[Said]:
    """The parts, those joined in the same way taken out of theirs."""
    if said.what not in (ALL, ANY):
        return list(said.parts)
    found: list[Said] = []
    for part in said.parts:
        alone = part.what in (ALL, ANY) and len(part.parts) == 1
        found += _joined(part) if part.what == said.what or alone else [part]
    return found


def _value(value: Value) -> str:
    """A value, however it was written; names are quoted, so that none can hold two."""
    match value:
        case str():
            return json.dumps(key_of(value), ensure_ascii=False)
        case FieldName(name):
            return json.dumps(identifier_of(name), ensure_ascii=False)
        case Enum():
            return value.name
        case Duration(months, days, seconds):
            return f"P{months}M{days}DT{seconds}S"
        case Percentage(share):
            return f"{_number(share)}%"
        case Amount(sum_, currency):
            return f"{_number(sum_)}{currency or ''}"
        case Change(amount, absolute):
            return f"={amount}" if absolute else f"{amount:+d}"
        case date() | time():
            return value.isoformat()
        case Decimal():
            return _number(value)
    return str(value)


def _number(value: Decimal) -> str:
    return f"{value.normalize() + 0:f}"


class Ordinals:
    """Tells apart those that say the same, by which of them each is."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def next(self, what: str) -> str:
        """The identity of the next one known as `what`."""
        self._seen[what] += 1
        return f"{what}#{self._seen[what]}"


class Keys:
    """Gives the statements of one branch, which `branch` begins, their keys."""

    def __init__(self, branch: str = "") -> None:
        self.branch = branch
        self._ordinals = Ordinals()
        self._inside: Counter[str] = Counter()

    def next(self, said: Said) -> str:
        """The key of the next statement that says this."""
        what = identity(said)
        return what if said.what == STEP else f"{self.branch}{self._ordinals.next(what)}"

    def inside(self, key: str, branch: Said) -> "Keys":
        """The keys of a branch of the statement known by `key`; `branch`: what opens it."""
        place = f"{key}/{identity(branch)}"
        self._inside[place] += 1
        if self._inside[place] > 1:
            place = f"{place}#{self._inside[place]}"
        return Keys(f"{_hash(place)}:")


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
