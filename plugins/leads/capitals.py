"""Capitals of names, as French writes them: what typing in capitals or without any has lost.

Only the case of letters changes, never a letter, an accent, a space or an apostrophe. What already
reads like a name is left as it is, since its owner may know better: « LeBlanc », « d’Ormesson ».
"""

import re
import unicodedata
from dataclasses import dataclass

from plugins.leads.name_words import (
    ARABIC_ARTICLES,
    ARTICLES,
    ELIDED,
    FINAL_LOWER,
    FINAL_UPPER,
    FOREIGN_PARTICLES,
    MAC_NAMES,
    PARTICLES,
    PLACE_WORDS,
    PROVINCES,
    STATES,
    WRITTEN_TOGETHER,
)

_APOSTROPHES = "'’ʼ‘`´"
#: What stands around a part of a name: « (née Roy) », « « Ti-Jean » », « Roy, fils ».
_AROUND = '()\\[\\]«»"“”„,;:'
_PIECES = re.compile(rf"([\s\-‐‑–{_APOSTROPHES}{_AROUND}]+)")
_OPENERS = frozenset('([«"“„,;:')
_DASHES = frozenset("-‐‑–")
#: Longer texts are no names; they are left alone.
MOST = 200


@dataclass(frozen=True, slots=True)
class Style:
    """What is written: `leading` particles may open the value, `inner` stay small inside it."""

    leading: frozenset[str]
    inner: frozenset[str]
    articles: frozenset[str]
    scottish: bool


#: « de La Fontaine » stands alone in the field; « Ben Ali », « Di Stefano » open with a capital.
LAST_NAME = Style(PARTICLES, PARTICLES | FOREIGN_PARTICLES, ARTICLES, scottish=True)
#: Nobody's first name opens with a particle: « Van Anh », « Ben ».
FIRST_NAME = Style(frozenset(), PARTICLES | FOREIGN_PARTICLES, ARTICLES, scottish=False)
PLACE = Style(frozenset(), PARTICLES | PLACE_WORDS, frozenset(), scottish=False)


def capitals(text: str, style: Style) -> str:
    """`text` with the capitals of a name; itself if it reads like one already."""
    if len(text) > MOST or any(char.isdigit() or char in "@/" for char in text):
        return text
    pieces = _PIECES.split(text)
    words = [at for at in range(0, len(pieces), 2) if _letters(pieces[at])]
    if not words or _reads_well(pieces, words):
        return text
    for rank, at in enumerate(words):
        place = _Place(pieces, at, rank, words)
        pieces[at] = _word(pieces[at], place, style)
    return "".join(pieces)


class _Place:
    """Where a word stands among the others."""

    def __init__(self, pieces: list[str], at: int, rank: int, words: list[int]) -> None:
        self.first, self.last = rank == 0, rank == len(words) - 1
        self.before = pieces[at - 1] if at else ""
        self.after = pieces[at + 1] if at + 1 < len(pieces) else ""
        self.previous = "" if self.first else _plain(pieces[words[rank - 1]])
        #: Whether nothing of the name follows, but perhaps what is said beside it.
        self.ends = self.last or any(char in _OPENERS for char in self.after)
        self.beside = any(char in _OPENERS for char in self.before)
        self.opens = self.first or not any(char in _DASHES for char in self.before)

    @property
    def elided(self) -> bool:
        """« d’ », « l’ »: an apostrophe follows, and a word."""
        return not self.last and any(char in _APOSTROPHES for char in self.after)

    @property
    def after_apostrophe(self) -> bool:
        return any(char in _APOSTROPHES for char in self.before)


def _word(word: str, place: _Place, style: Style) -> str:
    plain = _plain(word)
    if place.elided:
        return _elided(word, plain, place, style)
    if place.after_apostrophe and place.previous not in ELIDED:
        return _lower(word)  # Ka’ahumanu
    if _is_small(plain, place, style):
        return _lower(word)
    if place.ends and not place.first:
        final = PROVINCES if style is PLACE else FINAL_UPPER
        if plain.strip(".") in final:
            return _upper(word)
        if plain in FINAL_LOWER and " " in place.before:
            return _lower(word)
    if _is_plausible(word):
        return word
    if plain in WRITTEN_TOGETHER:
        return _upper(word)
    return _capitalised(word, plain, style)


def _elided(word: str, plain: str, place: _Place, style: Style) -> str:
    """« D’Amours » where it opens the name, « Giscard d’Estaing » inside it."""
    small = plain == "d" or (plain == "l" and style is PLACE)
    return _lower(word) if small and not place.first else _capitalised(word, plain, style)


def _is_small(plain: str, place: _Place, style: Style) -> bool:
    if place.last:
        return False
    if plain.rstrip(".") in STATES and (place.beside or not place.first):
        return " " in place.after or ":" in place.after
    if place.first:
        # A chain is one name: « Du-Bois », « Van-Dyck ».
        return plain in style.leading and " " in place.after
    if plain in style.articles:  # « de La Fontaine », but « Marie-de-la-Croix »
        return not place.opens
    if plain in ARABIC_ARTICLES and any(char in _DASHES for char in place.after):
        return place.opens
    return plain in style.inner


def _capitalised(word: str, plain: str, style: Style) -> str:
    titled = _titled(word)
    if style is PLACE:
        return titled
    if plain.startswith("mc") and len(plain) > 3:
        return titled[:2] + _up(titled[2]) + titled[3:]
    if style.scottish and plain in MAC_NAMES:
        return titled[:3] + _up(titled[3]) + titled[4:]
    return titled


def _reads_well(pieces: list[str], words: list[int]) -> bool:
    """Every word as a name may have it, and one capital at least."""
    seen = False
    for rank, at in enumerate(words):
        word, plain = pieces[at], _plain(pieces[at])
        if _is_plausible(word):
            seen = True
        elif not (word == _lower(word) and _may_be_small(plain, _Place(pieces, at, rank, words))):
            return False
    return seen


def _may_be_small(plain: str, place: _Place) -> bool:
    if place.elided:
        return plain == "d" or (plain == "l" and not place.first)
    if place.last:
        return not place.first and plain in FINAL_LOWER and " " in place.before
    if plain.rstrip(".") in STATES:
        return True
    if place.first:
        return plain in PARTICLES
    return plain in PARTICLES | FOREIGN_PARTICLES | ARTICLES | PLACE_WORDS | ARABIC_ARTICLES


def _is_plausible(word: str) -> bool:
    """« Jean », « LeBlanc », « McDonald », « deGrasse », « J. », « J.P. », « III »."""
    shape = "".join(_shape(char) for char in word)
    if not shape.strip("A.") and len(shape.strip(".")) > 1 and "." not in shape:
        return _plain(word) in FINAL_UPPER | WRITTEN_TOGETHER | PROVINCES
    for small in ("de", "di", "du", "la", "le", "van", "von"):
        if word.startswith(small) and shape[len(small) :].startswith("Aa"):
            shape = shape[len(small) :]
            break
    return re.fullmatch(r"(?:A\.)*(?:Aa+)*(?:Aa+\.?|A\.?)", shape) is not None


def _shape(char: str) -> str:
    if unicodedata.category(char).startswith("M"):
        return ""
    if char.isupper() or char.istitle():
        return "A"
    return "a" if char.isalpha() else char


def _titled(word: str) -> str:
    """A capital where letters begin, and after a point: « J.P. »."""
    done, begins = [], True
    for char in word:
        done.append(_up(char) if begins else _down(char))
        if char.isalpha():
            begins = False
        elif not unicodedata.category(char).startswith("M"):
            begins = True
    return "".join(done)


def _up(char: str) -> str:
    """The capital of a letter, if it has one that is the same letter (ß, ı have none)."""
    upper = char.upper()
    return upper if len(upper) == 1 and upper.casefold() == char.casefold() else char


def _down(char: str) -> str:
    lower = char.lower()
    return lower if len(lower) == 1 and lower.casefold() == char.casefold() else char


def _upper(word: str) -> str:
    return "".join(map(_up, word))


def _lower(word: str) -> str:
    return "".join(map(_down, word))


def _letters(word: str) -> bool:
    return any(char.isalpha() for char in word)


def _plain(word: str) -> str:
    return word.casefold()
