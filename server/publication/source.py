"""Where a draft is edited: a folder (`on_disk`), or files the store keeps (`archived`).

Each tells a change without being read, so that looking costs little; each hands over the files a team
edits, and nothing of what was made of them.
"""

from time import monotonic
from typing import NamedTuple, Protocol, TypeAlias

from relance.project_files import ProjectFiles

#: The name, the date in nanoseconds and the size of each thing that a draft is made of.
Stamp: TypeAlias = frozenset[tuple[str, int, int]]


class Seen(NamedTuple):
    """What a look told, and when, by the machine's own clock; the same object for as long as it is so."""

    at: float
    stamp: Stamp


class Source(Protocol):
    """Where a draft is edited. OSError or StoreUnavailable when it cannot be reached."""

    @property
    def lately(self) -> Seen | None:
        """What whoever looked last saw; None where nobody did, or where to look costs nothing."""

    async def stamp(self) -> Stamp:
        """What tells a change of the files without reading them."""

    async def read(self) -> ProjectFiles:
        """The files as they are now."""


#: To look whether anything changed among so many files takes longer than a page may: what only lists them
#: goes by what was seen so lately, by whoever looked.
_MANY, _LATELY_SECONDS = 2_000, 3.0


def seen_lately(source: Source, known: Stamp | None) -> bool:
    """Whether a great draft was what `known` tells when it was last looked at, an instant ago."""
    seen = source.lately
    if seen is None or seen.stamp is not known or len(seen.stamp) <= _MANY:
        return False
    return monotonic() - seen.at < _LATELY_SECONDS
