"""The slot « ordre »: how one date stands to another, in the words people use for it."""

from relance.fold import fold
from relance.slot import SlotType, Unreadable
from relance.values import Comparator, Value

_WORDS = {
    Comparator.LESS: "avant, plus petite, plus petit, plus ancienne, antérieure à, antérieure, "
    "inférieure à, <",
    Comparator.GREATER: "après, plus grande, plus grand, plus récente, postérieure à, postérieure, "
    "supérieure à, >",
    Comparator.EQUAL: "égal, égale, égal à, égale à, même, =",
}


_ORDERS = {fold(word): order for order, words in _WORDS.items() for word in words.split(", ")}


def read_order(text: str) -> Comparator | Unreadable:
    """« avant », « plus grande »… as a comparator of dates."""
    found = _ORDERS.get(fold(text).removesuffix(" que"))
    return found or Unreadable(
        f"« {text.strip()} » ne dit pas comment comparer deux dates",
        "avant, après ou égal ; plus petite, plus grande ou égale",
    )


def write_order(value: Value) -> str:
    """The first of the words for it."""
    assert isinstance(value, Comparator)  # noqa: S101 — as read
    return _WORDS[value].partition(", ")[0]


ORDER = SlotType(
    name="ordre",
    help="Comment une date se place par rapport à une autre : avant, après, égal, "
    "plus petite, plus grande.",
    read=read_order,
    write=write_order,
    reference=False,
)
