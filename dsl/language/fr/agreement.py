"""How the words of a phrase agree with the values written in it: number, gender, contraction."""

import re

#: « 3 jours », « (2 ans) »: what they count is masculine.
_MASCULINE = re.compile(r"\b(?:jours?|j|mois|ans?)(?:\(s\))?\W*$", re.IGNORECASE)


#: « lundi », « 9 h 30 », « midi »: no article stands before them, so nothing is contracted.
_NO_ARTICLE = re.compile(
    r"\W*(?:(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|midi|minuit|\d{1,2}\s?(?:h|:))",
    re.IGNORECASE,
)


def contracted(words: str, value: str) -> str:
    """« jusqu’au 24 décembre », but « jusqu’à lundi »."""
    return re.sub(r"\bau$", "à", words) if _NO_ARTICLE.match(value) else words


def _singular(words: re.Match[str]) -> str:
    return words[0].replace("s ", " ").removesuffix("s")


def agreed(words: str, counted: str) -> str:
    """« se sont écoulées » as the duration before it wants: the minutes, but « 30 jours écoulés »;
    « 1 point », « 1 jour ouvrable »."""
    if not counted:
        return words
    if counted.strip("() ") in ("0", "1"):
        words = re.sub(r"^(?:points|jours ouvrables)\b", _singular, words)
    return re.sub(r"\bécoulées\b", "écoulés", words) if _MASCULINE.search(counted) else words


def of(noun: str) -> str:
    """« d’étape », « de campagne »."""
    return f"d’{noun}" if noun[0] in "aeiouéèêh" else f"de {noun}"
