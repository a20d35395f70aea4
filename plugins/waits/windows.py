"""The slot « jour ou heure »: a bound of a weekly or a daily window."""

import re
from datetime import time

from relance.fold import fold
from relance.french import WEEKDAYS
from relance.slot import SlotType, Unreadable
from relance.values import Value, Weekday

_DAYS = {name: Weekday(number) for number, name in enumerate(WEEKDAYS)}
_TIME = re.compile(r"(\d{1,2})\s*(?:h|:)\s*(\d{2})?(?:\s*min)?")


def read_bound(text: str) -> Value | Unreadable:
    """« lundi », « 9 h » or « 9 h 30 »."""
    word = fold(text)
    if word in _DAYS:
        return _DAYS[word]
    found = _TIME.fullmatch(word)
    if found:
        hour, minute = int(found[1]), int(found[2] or 0)
        if hour < 24 and minute < 60:
            return time(hour, minute)
    return Unreadable(
        f"« {text.strip()} » n’est ni un jour de la semaine ni une heure",
        "lundi, mardi… ou 9 h, 9 h 30",
    )


BOUND = SlotType(
    name="jour ou heure",
    help="Un jour de la semaine (lundi) ou une heure (9 h 30).",
    read=read_bound,
    reference=False,
)
