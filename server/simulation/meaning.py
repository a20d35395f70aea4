"""A name for what something checked means: the same for what is equal, wherever in its file it stands."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

#: Where it is written: it says nothing of what it does. Of the language alone: an extension may call
#: « line » what is no place at all.
_PLACES, _LANGUAGE = frozenset({"line", "span"}), "dsl"


def meaning(*several: object) -> str:
    """That name: 64 hexadecimal digits, the same in every process.

    TypeError for what holds something that is not known to be whole in its own words.
    """
    text = json.dumps([_written(one) for one in several], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _written(value: object) -> Any:
    """A value as JSON that no other value has."""
    match value:
        case Enum():
            return {type(value).__name__: value.name}
        case None | bool() | int() | float() | str():
            return value
        case Decimal() | date() | time() | timedelta() | bytes():
            return {type(value).__name__: repr(value)}
        case tuple() | list():
            return [_written(one) for one in value]
        case frozenset() | set():
            return {"set": sorted(json.dumps(_written(one)) for one in value)}
        case Mapping():
            return {"map": [[_written(key), _written(one)] for key, one in value.items()]}
    if is_dataclass(value) and not isinstance(value, type):
        ours = type(value).__module__.partition(".")[0] == _LANGUAGE
        unsaid = _PLACES if ours else frozenset()
        named = (one.name for one in fields(value) if one.name not in unsaid)
        return {type(value).__name__: {name: _written(getattr(value, name)) for name in named}}
    raise TypeError(type(value).__name__)
