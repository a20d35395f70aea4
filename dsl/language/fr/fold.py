"""How the words of phrases are read, whatever their plurals and contractions.

Only keys are folded, never the values an author writes: spans and texts stay true to the source.
"""

import re
from functools import lru_cache

from relance.fold import fold

_ARTICLES = frozenset({"le", "la", "les", "l'", "un", "une"})
_CONTRACTED = {
    "du": "de",
    "des": "de",
    "d'": "de",
    "au": "a",
    "aux": "a",
    "qu'": "que",
    "jusqu'": "jusque",
    "lorsqu'": "lorsque",
    "puisqu'": "puisque",
}
#: The end of a word in doubt about its number or gender, « jour(s) », as the pattern of one.
PLURAL_MARK = r"\((?:e|s|x|es|e?s)\)"
#: What ends a word elided before the next: « l’entrée », « d’(A) ».
ELISION = r"['’ʼ‘′](?=\w|\()"
_PLURAL_MARK = re.compile(PLURAL_MARK + "$")


@lru_cache(maxsize=65_536)
def fold_word(word: str) -> str:
    """The key of one word of a phrase; empty for an article, which readers leave out at will.

    Contractions read as their plain form, a final plural goes, « visitée » reads as « visité ».
    """
    key = _PLURAL_MARK.sub("", fold(word))
    if key in _ARTICLES:
        return ""
    if key in _CONTRACTED:
        return _CONTRACTED[key]
    key = key.rstrip("'")
    if len(key) > 3 and key[-1] in "sx":
        key = key[:-1]
    return key[:-1] if len(key) > 3 and key.endswith("ee") else key
