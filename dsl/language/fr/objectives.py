"""Objectives in figures in French: what is said of indicators, and over how long."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from dsl.language.fr.values import COMPARATORS
from relance.fold import fold
from relance.values import Comparator, Duration

DESCRIPTION: Final = "description"
#: How long « chaque mois » is.
SPANS: Final = {
    "chaque jour": Duration(days=1),
    "chaque semaine": Duration(days=7),
    "chaque mois": Duration(months=1),
}
_GROW = frozenset({"augmenter", "faire"})
_ARTICLES = ("le", "la", "les", "l'", "l’")
_BY = "de"
_AND, _IS = "et", "est"
_LONGEST = 6


class WrittenBound(NamedTuple):
    """« nombre de contacts », au moins, « 1000 », as written."""

    indicator: str
    comparator: Comparator
    value: str


def segments(text: str) -> Sequence[str]:
    """What stands between commas; that of a number is followed by no space."""
    return [part.strip() for part in f"{text} ".split(", ") if part.strip()]


def description(segment: str) -> str | None:
    """What « description … » says; None when it is none."""
    first, _, rest = segment.partition(" ")
    return rest.lstrip(": ").strip() if fold(first.rstrip(":")) == DESCRIPTION else None


def growth(segment: str) -> tuple[str, str] | None:
    """« panier moyen » and « 10 % », in « augmenter le panier moyen de 10 % »; None when it is none."""
    words = segment.split()
    if len(words) < 4 or fold(words[0]) not in _GROW or _BY not in map(fold, words):
        return None
    at = max(i for i, word in enumerate(words) if fold(word) == _BY)
    name = words[1:at]
    if name and fold(name[0]) in _ARTICLES:
        name = name[1:]
    if name and name[0][:2] in _ARTICLES:
        name = [name[0][2:], *name[1:]]
    return " ".join(name), " ".join(words[at + 1 :])


def bounds(segment: str) -> Sequence[WrittenBound]:
    """The bounds of one indicator; none when nothing is compared."""
    words = segment.split()
    first = _comparator(words, 1)
    if first is None:
        return []
    start, end, comparator = first
    name = words[:start]
    if fold(name[-1]) == _IS:
        name = name[:-1]
    found, rest = [], words[end:]
    while True:
        following = _following(rest)
        value = rest if following is None else rest[: following[0]]
        found.append(WrittenBound(" ".join(name), comparator, " ".join(value)))
        if following is None:
            return found
        _, end, comparator = following
        rest = rest[end:]


def _comparator(words: Sequence[str], start: int) -> tuple[int, int, Comparator] | None:
    """The first from there on: where it begins and ends."""
    for at in range(start, len(words)):
        for end in range(min(len(words), at + _LONGEST), at, -1):
            found = COMPARATORS.get(fold(" ".join(words[at:end])))
            if found is not None:
                return at, end, found
    return None


def _following(words: Sequence[str]) -> tuple[int, int, Comparator] | None:
    """Where « et au plus … » begins, and where it ends."""
    for at, word in enumerate(words[:-1]):
        found = _comparator(words, at + 1)
        if fold(word) == _AND and found is not None and found[0] == at + 1:
            return at, found[1], found[2]
    return None
