"""What a word may be a slip for, among the names that are known: proposed, never taken for it."""

from collections.abc import Iterable
from difflib import get_close_matches

from relance.fold import fold

#: What, before a word, makes it its contrary.
_TURNING = ("des", "dis", "in", "im", "ir", "non", "anti", "re")


def slip_of(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name likest `word`; None when none is (`cutoff`: from 0, anything, to 1, itself).

    Nor is one proposed that a number or a prefix tells apart (« rabais10 » and « rabais20 »,
    « abonne » and « desabonne »): somebody meant two things.
    """
    near = get_close_matches(word, list(known), n=3, cutoff=cutoff)
    return next((one for one in near if not _apart(fold(word), fold(one))), None)


def _apart(word: str, other: str) -> bool:
    return _digits(word) != _digits(other) or _turns(word, other) or _turns(other, word)


def _digits(word: str) -> str:
    return "".join(char for char in word if char.isdecimal())


def _turns(word: str, other: str) -> bool:
    """Whether the longer word is the other, turned round."""
    start = word[: len(word) - len(other)].rstrip("_- ")
    return len(word) > len(other) and word.endswith(other) and start in _TURNING
