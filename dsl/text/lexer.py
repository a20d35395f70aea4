"""Text to lexemes, a physical line at a time; offsets are code points of the original text.

Words split at apostrophes, hyphens and slashes, so that « au-dessus » and « au dessus » are the
same, and « oui/non » two words.
A text between delimiters is one lexeme, whatever it holds.
"""

import re
from dataclasses import dataclass
from functools import cache
from unicodedata import normalize

from dsl.language.fr.fold import ELISION, PLURAL_MARK, fold_word
from dsl.language.lexeme import Lexeme

_GAP = r"[\s\u200b\u200c\u200d\u2060\ufeff\u00ad]+"
_MARKS = "\u0300-\u036f"
#: With what may not follow it, where a possessive repetition would do: see `tests/house`.
_THOUSAND = r"[\ \u00a0\u202f\u2009]\d{3}"
_LEXEME = re.compile(
    rf"""
    (?P<gap>{_GAP}|(?<=[^\W\d_]|[{_MARKS}])[-‐‑–/](?=[^\W\d_]))
  | (?P<comment>\#.*)
  | (?P<w>[^\W\d_](?:[^\W\d_]|[{_MARKS}])*(?:{ELISION}|{PLURAL_MARK})?)
  | (?P<d>\d{{1,5}}-\d{{1,2}}-\d{{1,2}}(?!\d)|\d{{1,2}}/\d{{1,2}}/\d{{1,5}}(?!\d))
  | (?P<c>\d{{1,2}}:\d{{2}}(?!\d))
  | (?P<n>\d{{1,3}}(?:{_THOUSAND})+(?!\d|{_THOUSAND})(?:[.,]\d+)?|\d++(?:[.,]\d+)?)
  | (?P<t>\([^()]*+(?:\([^()]*+(?:\([^()]*+\)[^()]*+)*\)[^()]*+)*\)|«[^»]*+»|"[^"]*+"|“[^”]*+”)
  | (?P<p>>=|<=|!=|==|<>|[=<>]\u0338|[][,:?!.;%€$=<>≥≤⩾⩽≠+*−–—•·-])
    """,
    re.VERBOSE,
)
_CLOSERS = {"(": ")", "«": "»", '"': '"', "“": "”"}
_IGNORED = frozenset("?!.;")


@dataclass(slots=True)
class Comment:
    """« # … », to the end of its line."""

    start: int
    end: int


def lex(source: str, start: int, end: int) -> tuple[list[Lexeme], Comment | None]:
    """The lexemes of `source[start:end]`, and its comment. Stops at the first bad lexeme."""
    found: list[Lexeme] = []
    position = start
    match = _LEXEME.match
    while position < end:
        piece = match(source, position, end)
        if piece is None:
            deep = _balanced(source, position, end)
            if deep is None:
                found.append(Lexeme("!", position, end, source[position]))
                return found, None
            found.append(Lexeme("t", position, deep, ""))
            position = deep
            continue
        kind = piece.lastgroup
        stop = piece.end()
        if kind == "w":
            found.append(Lexeme("w", position, stop, fold_word(piece[0])))
        elif kind == "comment":
            return found, Comment(position, end)
        elif kind == "t":
            found.append(Lexeme("t", position, stop, ""))
        elif kind == "p":
            if piece[0] not in _IGNORED:
                # « ≠ » may come as two characters.
                found.append(Lexeme("p", position, stop, normalize("NFC", piece[0])))
        elif kind != "gap":
            found.append(Lexeme(kind, position, stop, piece[0]))  # type: ignore[arg-type]
        position = stop
    return found, None


@cache
def keys_of(words: str) -> tuple[str, ...]:
    """The keys of the words, signs aside."""
    return tuple(lexeme.key for lexeme in lex(words, 0, len(words))[0] if lexeme.key)


def _balanced(source: str, start: int, end: int) -> int | None:
    """Where a parenthesis deeper than the pattern's three levels closes; None if it never does."""
    if source[start] != "(":
        return None
    depth = 0
    for position in range(start, end):
        if source[position] == "(":
            depth += 1
        elif source[position] == ")":
            depth -= 1
            if not depth:
                return position + 1
    return None


def closer_of(opener: str) -> str | None:
    """The sign that closes a text opened by `opener`; None if it opens none."""
    return _CLOSERS.get(opener)


_BLANK = " \t\u00a0\u202f\u2009\u200b\u200c\u200d\u2060\ufeff\u00ad"


def inner(source: str, start: int, end: int) -> tuple[int, int]:
    """The text held by a delimited lexeme, outer spaces aside; « "(a)" » holds « a »,
    « (« a (b) ») » holds « a (b) »."""
    left, right = start + 1, end - 1
    while left < right and (source[left] in _BLANK or source[left].isspace()):
        left += 1
    while right > left and (source[right - 1] in _BLANK or source[right - 1].isspace()):
        right -= 1
    if source[start] == "(" and right - left >= 2:
        closer = _CLOSERS.get(source[left])
        if closer and source[left] != "(" and source.find(closer, left + 1, right) == right - 1:
            return inner(source, left, right)
    elif source[left : left + 1] == "(" and _balanced(source, left, right) == right:
        return inner(source, left, right)
    return left, right
