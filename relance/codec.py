"""Facts, effects, waits and values as JSON data and back: how what is published is stored.

An object is its class and its fields by name, those at their default left out: a release that gives
a class one field more, with a default, still reads what earlier ones stored, and writes the same of
what does not use it. Nothing but the contract's own frozen classes can come back, so that stored
data is never code.

What is no plain value carries the number of its format. A release that changes the format, or takes
a field away, gives it the next number and says here how the former one is read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

from relance import effects, events, facts, positional, said, values, waits

Data = str | int | bool | None | list[Any] | dict[str, Any]

FORMAT = 3

#: The key of an object's class, and that of what stands for a value JSON does not know.
_CLASS, _IS = "@", "is"
_TEXTS: Mapping[type, Any] = {
    Decimal: Decimal,
    date: date.fromisoformat,
    time: time.fromisoformat,
    datetime: datetime.fromisoformat,
}


class Codec:
    """Knows a closed set of classes by name. `positions`: their fields in format 1."""

    def __init__(self, *modules: Any, positions: Mapping[str, Sequence[str]]) -> None:
        self._classes = {name: kind for one in modules for name, kind in _members(one).items()}
        self._texts = {kind.__name__: read for kind, read in _TEXTS.items()}
        self._fields = {
            kind: tuple((each.name, each.default) for each in fields(kind))
            for kind in self._classes.values()
            if is_dataclass(kind)
        }
        self._positions = positions

    def to_json(self, value: Any) -> str:
        """`value` as JSON text, the same for equal values; TypeError as for `encode`."""
        return dumped(self.encode(value))

    def from_json(self, text: str) -> Any:
        """The value `to_json` wrote, of this release or of an earlier one; ValueError else."""
        return self.decode(json.loads(text))

    def encode(self, value: Any) -> Data:
        """`value` as JSON data; TypeError for a class this codec does not know."""
        data = self._written(value)
        return {"format": FORMAT, "value": data} if isinstance(data, list | dict) else data

    def decode(self, data: Data) -> Any:
        """The value `data` was made from; ValueError when no release up to this one made it."""
        try:
            if isinstance(data, list):
                data = _said(positional.named(data, self._positions))
            elif isinstance(data, dict):
                if data["format"] not in (2, FORMAT):
                    raise ValueError(f"format {data['format']} is not known here")
                data = data["value"] if data["format"] == FORMAT else _said(data["value"])
            return self._read(data)
        except (LookupError, TypeError, AttributeError, ArithmeticError) as fault:
            raise ValueError(f"this cannot be read: {fault}") from fault

    def _written(self, value: Any) -> Data:
        if value is None or isinstance(value, str | bool | int):
            return value
        if isinstance(value, tuple | list):
            return [self._written(item) for item in value]
        kind = type(value)
        name = kind.__name__
        if kind in _TEXTS:
            return {_CLASS: name, _IS: str(value) if kind is Decimal else value.isoformat()}
        if self._classes.get(name) is not kind:
            raise TypeError(f"{name} is not part of the contract's data")
        if isinstance(value, Enum):
            return {_CLASS: name, _IS: value.name}
        parts = ((each, getattr(value, each), usual) for each, usual in self._fields[kind])
        fields = {
            each: self._written(part) for each, part, usual in parts if not _same(part, usual)
        }
        return {_CLASS: name, **fields}

    def _read(self, data: Data) -> Any:
        if isinstance(data, list):
            return tuple([self._read(each) for each in data])
        if not isinstance(data, dict):
            return data
        name = data[_CLASS]
        if name in self._texts:
            return self._texts[name](data[_IS])
        found = self._classes[name]
        if issubclass(found, Enum):
            return found[data[_IS]]
        # Most parts are plain: what is none is worth a call, of a million at a start.
        parts = {
            each: self._read(part) if isinstance(part, list | dict) else part
            for each, part in data.items()
            if each != _CLASS
        }
        return found(**parts)


def _said(data: Any) -> Any:
    """Data of format 2, which kept the words of phrases and places, as the format that says them.

    The words stand for what is said until the same is compiled again.
    """
    if isinstance(data, list):
        return [_said(each) for each in data]
    if not isinstance(data, dict):
        return data
    fields = {name: _said(part) for name, part in data.items()}
    if data.get(_CLASS) in ("Leaf", "Place"):
        fields["said"] = {_CLASS: "Said", "what": fields.pop("text")}
    return fields


def dumped(data: Data) -> str:
    """JSON text, short, in which the order of fields says nothing."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _members(module: Any) -> dict[str, type]:
    """What it defines; what it merely imports is its owner's."""
    own = (
        one for one in vars(module).values() if getattr(one, "__module__", "") == module.__name__
    )
    return {
        member.__name__: member
        for member in own
        if isinstance(member, type) and (is_dataclass(member) or issubclass(member, Enum))
    }


def _same(part: object, usual: object) -> bool:
    """Whether a field holds its default; `0` is not `False`."""
    return usual is not MISSING and type(part) is type(usual) and part == usual


#: The codec of the contract's own data.
contract = Codec(values, said, events, facts, effects, waits, positions=positional.FIELDS)
