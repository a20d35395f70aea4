"""Statements that depend on the dialect alone, composed once a process.

To compose those of a tick takes longer than a tick that finds nothing; they are the same for whoever
begins anew, be it an engine or a publication.
"""

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
_MADE: dict[tuple[Callable[[str], Any], str], Any] = {}


def composed(make: Callable[[str], T], dialect: str) -> T:
    """What `make` makes for that dialect; it keeps nothing else from one use to the next."""
    key = make, dialect
    if key not in _MADE:
        _MADE[key] = make(dialect)
    made: T = _MADE[key]
    return made
