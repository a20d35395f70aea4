"""What an event says beside: its properties, a JSON object by key.

A property is a name that programs write (`fold.identifier_of`). Until migration 0008 its key held
letters and digits alone, and what the sender wrote was not kept: events received until then are
asked under both, since nobody can tell any more whether « prix-cad » was « Prix (CAD) ».
"""

import re
from functools import lru_cache
from unicodedata import combining, normalize

from relance.fold import REMEMBERED, identifier_of

#: The setting that holds the last event whose properties have keys of the former kind.
FORMER_UNTIL = "former_keys_until"


def property_key(name: str) -> str:
    """The key of a property. Quotes and backslashes have no place in SQLite's JSON paths."""
    return _known(name) if len(name) <= REMEMBERED else _property_key(name)


def _property_key(name: str) -> str:
    return identifier_of(name).replace('"', "''").replace("\\", "/")


_known = lru_cache(maxsize=4_096)(_property_key)


def former_key(name: str) -> str:
    """The key the property had until then."""
    bare = "".join(one for one in normalize("NFKD", name) if not combining(one)).casefold()
    return re.sub(r"[^a-z0-9]+", "-", bare.replace("œ", "oe").replace("æ", "ae")).strip("-")
