"""Which publication the draft of a folder was last known to be beside: noted in the folder itself.

Two folders may be edited for one base. Whoever publishes from one that has not seen the other's
publication would take it back without a word.
"""

import contextlib
from pathlib import Path

from server import private

_NOTED = ".relance/publication"


def noted(folder: Path) -> int | None:
    """The number; None when nothing was ever published from there."""
    try:
        return int((folder / _NOTED).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def note(folder: Path, number: int) -> None:
    """Whoever publishes from that folder has seen that publication."""
    place = folder / _NOTED
    with contextlib.suppress(OSError):  # a folder nobody may write in has but one draft
        private.folder(place.parent)
        place.write_text(f"{number}\n", encoding="ascii")
