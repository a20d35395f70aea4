"""How words are read whatever their case, accents, apostrophes and spaces; keys made of names.

Only keys are folded, never the values an author writes: spans and texts stay true to the source.
"""

import re
from functools import lru_cache

from relance.french import unaccented

_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "′": "'", "´": "'", "`": "'"})
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_DASHES = str.maketrans({"‐": "-", "‑": "-", "–": "-"})

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
_PLURAL_MARK = re.compile(r"\((?:e|s|x|es|e?s)\)$")


#: Longer texts are no names: strangers send them, and remembering them would fill the memory.
_REMEMBERED = 256


def fold(text: str) -> str:
    """`text` as words are compared: lower case, no accents, one kind of apostrophe and of space."""
    return _known_fold(text) if len(text) <= _REMEMBERED else _fold(text)


def _fold(text: str) -> str:
    spelt = text.translate(_INVISIBLE).translate(_APOSTROPHES).translate(_DASHES)
    return " ".join(unaccented(spelt).casefold().translate(_LIGATURES).split())


_known_fold = lru_cache(maxsize=65_536)(_fold)


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


def key_of(name: str) -> str:
    """The key a name is stored and matched by; paths, addresses and wildcards stay as written."""
    return _known_key(name) if len(name) <= _REMEMBERED else _key(name)


def _key(name: str) -> str:
    trimmed = name.strip()
    if trimmed.startswith("/") or "://" in trimmed or "*" in trimmed:
        return trimmed
    return re.sub(r"[^a-z0-9]+", "-", fold(trimmed)).strip("-")


_known_key = lru_cache(maxsize=65_536)(_key)


def column_of(name: str) -> str:
    """The database column of a lead field."""
    return "f_" + re.sub(r"[^a-z0-9]+", "_", key_of(name))
