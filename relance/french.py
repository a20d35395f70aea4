"""French as everybody here writes and reads it: days, months, guillemets, words without accents."""

from typing import Final
from unicodedata import combining, normalize

#: The no-break space of « », of « : ; ? ! », and between a number and its unit.
NBSP: Final = "\u00a0"

MONTHS: Final = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
#: In the order of `datetime.date.weekday`.
WEEKDAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def quoted(text: str) -> str:
    """« text », its spaces no-break ones."""
    return f"«{NBSP}{text}{NBSP}»"


def sentence(text: str) -> str:
    """`text` with the full stop that ends it, unless a sign of its own does."""
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def unaccented(text: str) -> str:
    """`text` without accents, letters of other forms (ﬁ, ²) made plain."""
    return "".join(char for char in normalize("NFKD", text) if not combining(char))
