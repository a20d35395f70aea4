"""What a stranger wrote of somebody, and may be said to that somebody before anybody vouches for it.

A form names any address, and the first name it gives is greeted there under the brand's own name:
« Votre compte est bloqué, voyez exemple.net » must not be one. What is short, of one line, and holds
neither an address nor a number to call is said; the rest is as if it were not known.
"""

import re
from typing import Any
from unicodedata import category, normalize

#: Characters a first name, a town or a company are given; the longest town of France has 45.
LONGEST = 48
#: Digits a text may hold: a postcode has five, a telephone number no fewer than seven.
_MOST_DIGITS = 6
#: What makes mail readers draw a link, or a name be one: « exemple.net », « a@b », « //x », « [a](b) ».
_LINK = re.compile(r"[@<>\[\]{}|\\]|//|www|https?|[^\W_]\.[^\W\d_]{2}", re.IGNORECASE)
#: Full stops of other scripts, that browsers read as ours in a domain.
_STOPS = str.maketrans("。｡．․", "....")
#: Between the letters of some scripts, and the parts of an emoji.
_JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))


def sayable(text: str) -> bool:
    """Whether that text is short, of one line, and leads nowhere."""
    if len(text) > LONGEST:
        return False
    plain = normalize("NFKC", text.translate(_STOPS)).translate(_JOINERS)
    # Invisible letters and turned directions have no place there, and hide what a link is.
    if any(category(sign)[0] == "C" or category(sign) in {"Zl", "Zp"} for sign in plain):
        return False
    if sum(sign.isdigit() for sign in plain) > _MOST_DIGITS:
        return False
    return _LINK.search(plain) is None


def said(value: Any) -> Any:
    """A value of JSON with only what may be said of it: other texts, and what they name, are gone."""
    if isinstance(value, str):
        return value if sayable(value) else None
    if isinstance(value, dict):
        kept = {name: said(one) for name, one in value.items() if sayable(name)}
        return {name: one for name, one in kept.items() if one is not None}
    if isinstance(value, list):
        return [one for one in map(said, value) if one is not None]
    return value
