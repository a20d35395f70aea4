"""How a campaign may be left, in the words of « sortir », and what is written for them."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from relance.fold import fold, key_of

#: How a lead may be said to leave → how it is written.
OUTCOMES: Final = {"success": "réussite", "failure": "échec"}
_READ = {key_of(word): outcome for outcome, word in OUTCOMES.items()}
#: What people write for them, as keys.
_MEANT = {
    **dict.fromkeys(("succes", "reussi", "reussie", "gagne", "but-atteint"), "success"),
    **dict.fromkeys(("rate", "ratee", "echoue", "echouee", "perdu", "abandon"), "failure"),
}
_LINK = re.compile(r"^(?:en|avec|par|sur)\s+", re.IGNORECASE)


def outcome(text: str) -> str | None:
    """The outcome that a name is; None if it is none."""
    return _READ.get(key_of(text))


def outcomes_meant(text: str) -> Sequence[str]:
    """What is to be written for a name that is no outcome."""
    meant = _MEANT.get(key_of(text))
    return (OUTCOMES[meant],) if meant else ()


def nearest_outcome(words: str) -> str | None:
    """What is to be written for words like « en échec »; None when none is near."""
    known = _READ | _MEANT
    near = get_close_matches(fold(_LINK.sub("", words)), known, 1, cutoff=0.7)
    return OUTCOMES[known[near[0]]] if near else None
