"""The one rule by which two texts are read as the same word or the same name.

What French writing varies is set aside, and nothing else: capitals, the accents of Latin letters,
œ and æ, which apostrophe, which dash, which space and how many. Everything else tells two names
apart: the letters and marks of every other script (й is no и, が no か), digits, and every sign:
« A+ » is not « A- », nor « C++ » « C », nor « ≠ » « = », nor « AB.12 » « AB-12 » or « AB 12 ».

Decided beyond French, each way the one that capitals and keyboards impose:

- forms of one character made for layout are that character: full or half width, the ligature ﬁ,
  the letters 𝐀 𝑨 of mathematics, Arabic letters by their place; ², ½, ™ and ① stay themselves;
- ß reads ss, the final ς as σ, the Turkish İ and ı both as i (their capitals and smalls cross);
- Latin letters that are others, and no accents, stay: ø, ł, đ, þ;
- what is not seen is left out (zero-width spaces, soft hyphens, emoji presentation), but for the
  joiners between letters of other scripts or emoji, where they make another word or picture.
"""

import re
from functools import lru_cache
from typing import Final
from unicodedata import category, combining, decomposition, name, normalize

_APOSTROPHES = dict.fromkeys(map(ord, "’ʼ‘‛′´`"), "'")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_INVISIBLE = dict.fromkeys(
    map(ord, "\u00ad\u034f\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060")
) | dict.fromkeys([0x2066, 0x2067, 0x2068, 0x2069, 0xFE0E, 0xFE0F, 0xFEFF])
_LETTERS = {ord("œ"): "oe", ord("æ"): "ae", ord("ı"): "i"}
#: The signs that fonts and keyboards vary, as one of each kind.
TYPOGRAPHY: Final = {**_APOSTROPHES, **_DASHES, **_INVISIBLE}

#: The kinds of Unicode's compatibility decompositions that are but the layout of a character.
_LAYOUT = {
    f"<{kind}>"
    for kind in ("wide", "narrow", "compat", "initial", "medial", "final", "isolated", "vertical")
}
_MATHEMATICS = range(0x1D400, 0x1D800)
#: Zero-width joiner and non-joiner.
_JOINERS = "\u200c\u200d"
_OTHER = r"[^\x00-\u024f\s\u200c\u200d]"
_IDLE_JOINER = re.compile(f"(?<!{_OTHER})[{_JOINERS}]|[{_JOINERS}](?!{_OTHER})")
#: A combining mark that crosses its letter out (≠ is = so crossed) is no accent.
_OVERLAY = 1

#: Longer texts are no names: strangers send them, and remembering them would fill the memory.
REMEMBERED = 256


def fold(text: str) -> str:
    """`text` as words and names are compared; folding what is folded changes nothing."""
    return _known(text) if len(text) <= REMEMBERED else _fold(text)


def _fold(text: str) -> str:
    if text.isascii():
        return " ".join(text.translate(TYPOGRAPHY).lower().split())
    while (plain := _plainer(text)) != text:  # what a letter made is looked at again
        text = plain
    return text


_known = lru_cache(maxsize=65_536)(_fold)


def _plainer(text: str) -> str:
    """A text without what only layout and Latin accents make of its letters, in small letters."""
    laid = "".join(map(_in_line, normalize("NFC", text).translate(TYPOGRAPHY)))
    spelt = _IDLE_JOINER.sub("", laid.translate(TYPOGRAPHY)).casefold().translate(_LETTERS)
    kept: list[str] = []
    latin = False
    for char in normalize("NFD", spelt):
        mark = combining(char)
        if not mark:
            latin = _is_latin(char)
        if not (mark > _OVERLAY and latin):
            kept.append(char)
    return " ".join(normalize("NFC", "".join(kept)).translate(_LETTERS).split())


@lru_cache(maxsize=4_096)
def _in_line(char: str) -> str:
    """The character without its layout."""
    kind = decomposition(char).partition(" ")[0]
    if kind not in _LAYOUT and ord(char) not in _MATHEMATICS:
        return char
    plain = normalize("NFKC", char)
    return plain if plain.strip() == plain else char


@lru_cache(maxsize=4_096)
def _is_latin(char: str) -> bool:
    return category(char)[0] == "L" and name(char, "").startswith("LATIN ")


def key_of(name: str) -> str:
    """The key a name is stored and matched by; paths, addresses and wildcards stay as written."""
    trimmed = name.strip()
    if trimmed.startswith("/") or "://" in trimmed or "*" in trimmed:
        return trimmed
    return fold(trimmed)


def names_something(text: str) -> bool:
    """Whether a text can be a name: a letter, a digit, a symbol or a picture, not marks alone."""
    return any(category(char)[0] in "LNS" for char in fold(text))


_SPACED = re.compile(r"(?<=[^\W_])[ '_-]+(?=[^\W_])")
_LOOSE = re.compile(r"[\W_]+")


def identifier_of(name: str) -> str:
    """The key of a name that programs write too: a field, a property, a column of a file.

    They have no spaces: « date de naissance », date_de_naissance and date-de-naissance are one
    name. Every other sign counts.
    """
    return _identifier(name) if len(name) <= REMEMBERED else _SPACED.sub("-", fold(name))


@lru_cache(maxsize=4096)
def _identifier(name: str) -> str:
    return _SPACED.sub("-", fold(name))


def setting_of(name: str) -> str:
    """The key of a setting, as files and the environment write it: `attente_des_clics`."""
    return identifier_of(name).replace("-", "_")


def loose_key(name: str) -> str:
    """Letters and digits alone: how one of a few known words is recognised, « Courriel * : ».

    Never the key of a name: two of them may well differ by their signs.
    """
    return _LOOSE.sub("-", fold(name)).strip("-")
