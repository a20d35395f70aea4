"""A script as prose: what of each line is a word of the language, a name, a value, a note of the author’s.

Only how it looks: nothing is understood here. What cannot be told is shown as plain words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsl.language.fr.constructs import ROWS
from relance.fold import fold, key_of

_DEEPEST = 4
#: The words that open a line, the longest first: « sortie réussie » before « sortir ».
_WORDS = sorted({form for row in ROWS for form in row.forms} | {"fin"}, key=len, reverse=True)
_PIECE = re.compile(
    r"\((?P<name>[^()]*)\)|(?P<titled>«[^»]*»)"
    r"|(?P<value>\d+(?:[.,]\d+)?[ \u00a0](?:jours?|heures?|minutes?|semaines?|mois|ans?|fois|h|%))"
)
_NUMBER = re.compile(r"[+\-−]?\d[\d \u00a0.,:h/-]*%?")
_HEADER = re.compile(r"[^«»():]{1,40}(?=[ \u00a0]?:)")


@dataclass(frozen=True, slots=True)
class ProseStretch:
    """Words of one look: « word », « name », « value », « titled », « comment », or none."""

    text: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class ProseLine:
    """A line: its number, how deep it stands, its stretches."""

    number: int
    depth: int
    stretches: Sequence[ProseStretch]


def prose(source: str) -> Sequence[ProseLine]:
    """The lines of a script."""
    return [_line(number, line) for number, line in enumerate(source.splitlines(), 1)]


def parted(lines: Sequence[ProseLine]) -> tuple[Sequence[ProseLine], Sequence[ProseLine]]:
    """The lines of a campaign, and from the first scenario on those that try it."""
    begins = (at for at, line in enumerate(lines) if _begins(line, "scénario"))
    at = next(begins, len(lines))
    while at and not any(one.text.strip() for one in lines[at - 1].stretches):
        at -= 1
    return lines[:at], lines[at:]


def own(lines: Sequence[ProseLine], name: str) -> tuple[int, int]:
    """Where the campaign of that name begins and ends among the lines of its file; all, if nowhere."""
    starts = [at for at, line in enumerate(lines) if _begins(line, "campagne")]
    for at, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        titled = "".join(one.text for one in lines[at].stretches[1:])
        if key_of(titled.strip(' \u00a0«»"“”')) == key_of(name):
            return at, end
    return 0, len(lines)


def _begins(line: ProseLine, word: str) -> bool:
    first = line.stretches[0] if line.stretches else ProseStretch("")
    return not line.depth and first.look == "word" and fold(first.text) == fold(word)


def _line(number: int, line: str) -> ProseLine:
    text = line.strip()
    depth = min((len(line) - len(line.lstrip())) // 2, _DEEPEST)
    if text.startswith("#"):
        return ProseLine(number, depth, [ProseStretch(text, "comment")])
    return ProseLine(number, depth, list(_stretches(text)))


def _stretches(text: str) -> Iterator[ProseStretch]:
    opened = _opening(text)
    if opened:
        yield ProseStretch(text[:opened], "word")
    end = opened
    for one in _PIECE.finditer(text, opened):
        if one.start() > end:
            yield ProseStretch(text[end : one.start()])
        look = one.lastgroup or ""
        if look == "name" and _NUMBER.fullmatch(one["name"].strip()):
            look = "value"
        yield ProseStretch(one[0], look)
        end = one.end()
    if end < len(text):
        yield ProseStretch(text[end:])


def _opening(text: str) -> int:
    """How many signs of a line are words of the language that open it."""
    folded = fold(text)
    for word in _WORDS:
        known = fold(word)
        if len(folded) == len(text) and re.match(rf"{re.escape(known)}(?!\w)", folded):
            return len(known)
    header = _HEADER.match(text)
    return header.end() if header else 0
