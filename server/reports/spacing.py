"""The spaces of French around its signs, set once for all that people read: nobody types them."""

import re
from functools import lru_cache

from relance.french import NBSP

#: The narrow no-break space: before « ; ! ? % », and between thousands.
NARROW = "\u202f"
_WIDE = re.compile(r"(?<=«) |(?<=n°) | (?=[»:])")
_BEFORE = re.compile(rf"[ {NBSP}](?=[;!?%])")
_THOUSANDS = re.compile(rf"(?<=\d)[ {NBSP}](?=\d{{3}}(?!\d))")
_UNITS = re.compile(
    r"(?<=\d) (?=(?:h|j|min|s|jours?|heures?|minutes?|mois|ans?|fois|personnes?)\b)"
)
#: Between the number of hours and that of minutes: « 9 h 05 ».
_MINUTES = re.compile(rf"(?<=\d{NBSP}h) (?=\d\d\b)")
#: Longer texts are set anew each time.
_SHORT = 120


def pointed(text: str) -> str:
    """`text` with the spaces of French around its signs; numbers, as in a drawing, are left alone."""
    return _BEFORE.sub(NARROW, _WIDE.sub(NBSP, text))


def spaced(text: str) -> str:
    """`text` with the spaces of French where an ordinary one stands."""
    return _spaced_lately(text) if len(text) <= _SHORT else _spaced(text)


@lru_cache(maxsize=4_096)
def _spaced_lately(text: str) -> str:
    """The same of a short one: the words of a page are mostly those of the page before."""
    return _spaced(text)


def _spaced(text: str) -> str:
    text = pointed(text)
    return _MINUTES.sub(NBSP, _UNITS.sub(NBSP, _THOUSANDS.sub(NARROW, text)))
