"""Facts, effects, waits and values as JSON data and back: how a program is stored.

A dataclass becomes an array [class name, field, field…]; nothing but the contract's own frozen
classes can come back, so that stored data is never code.
"""

from dataclasses import is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any

from relance import effects, events, facts, values, waits

Data = str | int | bool | None | list[Any]


def _members(module: Any) -> dict[str, type]:
    return {
        name: member
        for name, member in vars(module).items()
        if isinstance(member, type) and (is_dataclass(member) or issubclass(member, Enum))
    }


class Codec:
    """Knows a closed set of classes by name."""

    def __init__(self, *modules: Any) -> None:
        self._classes: dict[str, type] = {}
        for module in modules:
            self._classes.update(_members(module))

    def encode(self, value: Any) -> Data:
        """`value` as JSON data; TypeError for a class this codec does not know."""
        if value is None or isinstance(value, str | bool | int):
            return value
        if isinstance(value, tuple | list):
            return ["()", *(self.encode(item) for item in value)]
        if isinstance(value, Decimal):
            return ["Decimal", str(value)]
        if isinstance(value, date | time):
            return [type(value).__name__, value.isoformat()]
        name = type(value).__name__
        if self._classes.get(name) is not type(value):
            raise TypeError(f"{name} is not part of the contract's data")
        if isinstance(value, Enum):
            return [name, value.name]
        names = vars(type(value))["__dataclass_fields__"]
        return [name, *(self.encode(getattr(value, part)) for part in names)]

    def decode(self, data: Data) -> Any:
        """The value `data` was made from; KeyError for an unknown class."""
        if not isinstance(data, list):
            return data
        name, *rest = data
        # Most parts are plain: what is no array is not worth a call, of a million at a start.
        parts = [self.decode(part) if isinstance(part, list) else part for part in rest]
        if name == "()":
            return tuple(parts)
        if name == "Decimal":
            return Decimal(parts[0])
        if name == "date":
            return date.fromisoformat(parts[0])
        if name == "time":
            return time.fromisoformat(parts[0])
        found = self._classes[name]
        return found[parts[0]] if issubclass(found, Enum) else found(*parts)


#: The codec of the contract's own data.
contract = Codec(values, events, facts, effects, waits)
