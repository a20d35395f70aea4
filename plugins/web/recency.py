"""The slot « recul »: how far back a visit is, against a date or by a duration."""

from relance.fold import fold
from relance.french import quoted
from relance.slot import SlotType, Unreadable
from relance.values import Comparator, Value

MORE_THAN, LESS_THAN = "il y a plus de", "il y a moins de"

_WORDS: dict[Value, str] = {
    MORE_THAN: "il y a plus de, il y a plus d’, depuis plus de, vieille de plus de",
    LESS_THAN: "il y a moins de, il y a moins d’, depuis moins de, vieille de moins de",
    Comparator.LESS: "avant, avant le, antérieure à, inférieure à, plus petite que, "
    "plus ancienne que, <",
    Comparator.GREATER: "après, après le, postérieure à, supérieure à, plus grande que, "
    "plus récente que, >",
    Comparator.EQUAL: "le, égale à, égale, exactement, =",
    Comparator.DIFFERENT: "différente de, pas le, ≠, !=",
    Comparator.AT_LEAST: "à partir de, à partir du, depuis, depuis le, au moins, ≥, >=",
    Comparator.AT_MOST: "jusqu’à, jusqu’au, au plus, ≤, <=",
}


def _spellings(words: str) -> set[str]:
    """« inférieure à », and « inférieur à » as comparisons are usually written."""
    spelt = {fold(word) for word in words.split(", ")}
    return spelt | {word.replace("ieure a", "ieur a") for word in spelt}


_MEANINGS = {word: meant for meant, words in _WORDS.items() for word in _spellings(words)}


def read_recency(text: str) -> Value | Unreadable:
    """A comparator of dates, or one of the two phrases that a duration follows."""
    found = _MEANINGS.get(fold(text))
    return found or Unreadable(
        f"{quoted(text.strip())} ne dit pas quand était la visite",
        "avant, après, le ; ou, avec une durée, il y a plus de, il y a moins de",
    )


RECENCY = SlotType(
    name="recul",
    help="Avant, après ou le, suivi d’une date ; il y a plus de ou il y a moins de, suivi "
    "d’une durée.",
    read=read_recency,
    reference=False,
)
