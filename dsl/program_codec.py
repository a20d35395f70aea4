"""Programs and rules as JSON and back: how a version is stored, and the hash that tells two apart."""

from collections.abc import Mapping, Sequence, Set
from functools import lru_cache
from hashlib import sha256
from typing import Any

from dsl import goals, objectives, program, rules
from dsl.program import Program
from relance import effects, events, facts, positional, said, values, waits
from relance.codec import Codec, dumped

#: Programs of more signs are not kept in memory once read.
_LONG = 100_000
#: What programs and rules add to the fields of format 1 (`relance.positional`).
_POSITIONS: Mapping[str, Sequence[str]] = {
    "Exit": ("is",),
    "Reentry": ("is",),
    "Place": ("line", "text"),
    "Trigger": ("place", "on", "condition", "schedule"),
    "ExitRule": ("outcome", "trigger"),
    "Act": ("key", "place", "effects", "next"),
    "Decide": ("key", "place", "condition", "yes", "no"),
    "Pause": ("key", "place", "wait", "next"),
    "Branch": ("place", "condition", "next"),
    "Await": ("key", "place", "branches", "limit", "timeout", "topics"),
    "Step": ("key", "place", "name", "next"),
    "Jump": ("key", "place", "target", "limit", "next"),
    "LoopStart": ("key", "place", "next"),
    "Loop": ("key", "place", "start", "body", "times", "next"),
    "Share": ("name", "upto", "next"),
    "Split": ("key", "place", "salt", "shares"),
    "Leave": ("key", "place", "outcome"),
    "Program": (
        *("name", "description", "zone", "starts", "ends", "reentry", "reentry_delay", "timeout"),
        *("entries", "exits", "statements", "first"),
    ),
    "PointRule": ("key", "topic", "change", "trigger"),
    "Conversion": ("name", "trigger"),
}

#: The codec of all that is published.
codec = Codec(
    *(values, said, events, facts, effects, waits, program, rules, goals, objectives),
    positions={**positional.FIELDS, **_POSITIONS},
)


def to_json(one: Program) -> str:
    """A program as JSON text, the same for equal programs."""
    return codec.to_json(one)


def from_json(text: str) -> Program:
    """The program `to_json` wrote, in this release or an earlier one; ValueError for anything else.

    What was read lately is not read again: pages ask the same versions, which never change.
    """
    return _read(text) if len(text) > _LONG else _read_lately(text)


@lru_cache(maxsize=128)
def _read_lately(text: str) -> Program:
    return _read(text)


def _read(text: str) -> Program:
    found = codec.from_json(text)
    if not isinstance(found, Program):
        raise ValueError("this is not a program")
    return found


def content_hash(one: Program) -> str:
    """What a version is known by: what it does, however that is worded and wherever it stands."""
    return sha256(_canonical(one, _WORDS).encode()).hexdigest()


def doing(one: Any) -> str:
    """What a program, a rule or a condition does, as JSON text, whatever its parts are known by."""
    return _canonical(one, _IDENTITIES)


#: What says how and where something is said, by class; in all others, the place.
_WORDS: Mapping[str, Set[str]] = {"Leaf": {"said"}, "": {"place"}}
_IDENTITIES: Mapping[str, Set[str]] = {
    **_WORDS,
    "": {"place", "key", "salt"},
    "Program": {"name", "description"},
    "Share": {"name"},
    "Split": {"place", "key", "salt", "pieces"},
}


def _canonical(one: Any, left: Mapping[str, Set[str]]) -> str:
    """The JSON text hashed or compared, whatever the format it is stored in."""
    data = codec.encode(one)
    return dumped(_without(data["value"] if isinstance(data, dict) else data, left))


def _without(data: Any, left: Mapping[str, Set[str]]) -> Any:
    if isinstance(data, list):
        return [_without(each, left) for each in data]
    if not isinstance(data, dict):
        return data
    out = left.get(data.get("@", ""), left[""])
    return {name: _without(part, left) for name, part in data.items() if name not in out}
