"""Source to logical lines: what a line begins with, which depends on the block it stands in.

A line goes on after a final comma, after a condition's final « et » or « ou », after the « : » of a
list or a conversion, and before a line that begins with « et », « ou » or « ] ».
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum

from dsl.language.fr.keywords import HEADERS, ONE_LINE, TOP
from dsl.phrases.bare import percentage
from dsl.read.keywords import leading
from dsl.read.letters import Letter
from dsl.text.lexer import Comment, Lexeme, lex
from dsl.text.physical import physical, width
from dsl.tree.tokens import Token
from relance.fold import fold

MAX_LINE = 2_000
#: Lines that never go on below.
_WHOLE = frozenset({"HEADER", "FIELD", "LINK", "DETAIL"})
#: What a condition may stand after, on one line or on several.
_CONDITIONAL = (
    frozenset({"WHEN", "IF", "ELSIF", "AS_SOON", "WAIT_THAT", "PLAY", "POINT"}) | ONE_LINE
)
_NAMED_BLOCKS = {"campagne": "CAMPAIGN", "scenario": "SCENARIO", "interet": "INTEREST"}
_PLAIN_BLOCKS = {"champ": "FIELDS", "pointage": "POINTS"}
#: What opens a block only when nothing else stands on its line: phrases begin with it too.
_BARE = frozenset({"FIELDS", "POINTS"})
#: « +5 », « - 20 »: at most so many lexemes before « quand ».
_CHANGE = 3

_HEADER = re.compile(r"\s*([^\W\d_][^:()«\"“#]*?)\s*:\s*")
_RAW_COMMENT = re.compile(r"(?:^|\s)#")


class Mode(Enum):
    """What kind of block lines stand in."""

    CAMPAIGN = "campagne"
    FIELDS = "champs"
    SCENARIO = "scénario"
    POINTS = "pointage"
    LINK = "lien suivi"


@dataclass(slots=True)
class Line:
    """A logical line. `rest` is the index of the first lexeme past the keyword."""

    number: int
    start: int
    end: int
    indent: int
    lexemes: list[Lexeme]
    mode: Mode
    keyword: str | None = None
    rest: int = 0
    #: Where each of its physical lines ends, and the comment found there.
    parts: list[tuple[int, Comment | None]] = field(default_factory=list)
    header: str | None = None
    tokens: list[Token] = field(default_factory=list)
    #: Something in it was reported already.
    broken: bool = False
    too_long: bool = False
    #: Its keyword opens a block that changes how lines are read, and is misspelt.
    misspelt: bool = False
    #: The message it writes in place, whose lines are not lines of the script.
    letter: Letter | None = None

    @property
    def blank(self) -> bool:
        """Whether it holds nothing but spaces and a comment."""
        return not (self.lexemes or self.broken)


def read_lines(source: str, letters: Sequence[Letter] = ()) -> list[Line]:
    """Every logical line of the source, blank ones included; those of `letters` are not its own."""
    lines: list[Line] = []
    mode = Mode.CAMPAIGN
    heads = {letter.line: letter for letter in letters}
    within = 0
    for number, (start, end) in enumerate(physical(source), 1):
        if number <= within:
            continue
        line = _read(source, number, start, end, mode)
        line.letter = heads.get(number)
        if line.letter is not None:
            within, line.end = line.letter.last, line.letter.span.end
        before = lines[-1] if lines else None
        if before is not None and _continues(before, line):
            before.lexemes += line.lexemes
            before.end = line.end
            before.parts += line.parts
            continue
        lines.append(line)
        mode = _mode_after(line, mode)
    return lines


def _read(source: str, number: int, start: int, end: int, mode: Mode) -> Line:
    if end - start > MAX_LINE:
        return Line(number, start, end, 0, [], mode, too_long=True, broken=True)
    header = _HEADER.match(source, start, end) if mode is Mode.CAMPAIGN else None
    if header is not None and fold(header[1]) in HEADERS:
        return _header(source, number, start, end, header)
    lexemes, comment = lex(source, start, end)
    first = lexemes[0].start if lexemes else start
    line = Line(number, start, end, width(source[start:first]), lexemes, mode)
    line.parts = [(end, comment)]
    _classify(line)
    if line.keyword in ("LINK", "DETAIL"):
        _take_raw(source, line)
    return line


def _take_raw(source: str, line: Line) -> None:
    """What follows « : » as it is written: a « # » in an address is no comment."""
    if line.keyword == "DETAIL":
        _name_raw(source, line)
    colon = _colon(line.lexemes)
    if colon is None:
        return
    start, stop, comment = _raw(source, line.lexemes[colon].end, line.end)
    line.lexemes = line.lexemes[: colon + 1]
    if stop > start:
        line.lexemes.append(Lexeme("t", start, stop, ""))
    line.parts = [(line.end, comment)]


def _name_raw(source: str, line: Line) -> None:
    """« utm_medium : … »: the name before « : » is one word, whatever it holds."""
    start = line.lexemes[0].start
    colon = source.find(":", start, line.end)
    stop = colon
    while stop > start and source[stop - 1].isspace():
        stop -= 1
    if stop > start:
        name = Lexeme("w", start, stop, fold(source[start:stop]))
        line.lexemes = [name, Lexeme("p", colon, colon + 1, ":")]


def _raw(source: str, start: int, end: int) -> tuple[int, int, Comment | None]:
    """The stretch of a value read to the letter, outer spaces aside, and the comment after it."""
    cut = _RAW_COMMENT.search(source, start, end)
    stop = end if cut is None else cut.start()
    comment = None if cut is None else Comment(source.index("#", cut.start()), end)
    while start < stop and source[start].isspace():
        start += 1
    while stop > start and source[stop - 1].isspace():
        stop -= 1
    return start, stop, comment


def _header(source: str, number: int, start: int, end: int, found: re.Match[str]) -> Line:
    begin, stop, comment = _raw(source, found.end(), end)
    name = Lexeme("w", found.start(1), found.end(1), fold(found[1]))
    value = Lexeme("t", begin, stop, "")
    indent = width(source[start : found.start(1)])
    line = Line(number, start, end, indent, [name, value], Mode.CAMPAIGN, "HEADER", 1)
    line.header = HEADERS[name.key]
    line.parts = [(end, comment)]
    return line


def _colon(lexemes: list[Lexeme]) -> int | None:
    for index, lexeme in enumerate(lexemes):
        if lexeme.kind == "p" and lexeme.key == ":":
            return index
    return None


def _classify(line: Line) -> None:
    """Set the keyword of a line from its first words and its mode."""
    lexemes = line.lexemes
    if not lexemes:
        return
    found = leading(lexemes)
    if found is not None and not _stands_alone(lexemes, *found):
        found = None
    opens = found is not None and found[0] in TOP
    colon = _colon(lexemes)
    if line.mode is Mode.CAMPAIGN or (opens and (colon is None or _named(line, found))):
        if found is not None:
            line.keyword, line.rest = found
        elif percentage("", lexemes, 0) is not None:
            line.keyword = "SHARE"
        elif (meant := _near_block(lexemes)) is not None:
            line.keyword, line.rest, line.misspelt = *meant, True
    elif found is not None and found[0] == "END" and colon is None:
        line.keyword, line.rest = found
    elif line.mode is Mode.FIELDS:
        line.keyword = "FIELD"
    elif line.mode is Mode.LINK:
        line.keyword = "DETAIL"
    elif line.mode is Mode.POINTS:
        line.keyword, line.rest = _in_points(lexemes, found)
    else:
        lead = leading(lexemes, scenario=True)
        line.keyword = "LEAD" if lead is not None and lead[0] == "LEAD" else "PLAY"
        line.rest = lead[1] if lead is not None and line.keyword == "LEAD" else 0


def _in_points(lexemes: list[Lexeme], found: tuple[str, int] | None) -> tuple[str | None, int]:
    """A line among those of `pointage`: « +5 quand … », or a condition listed under one."""
    for before in range(min(_CHANGE + 1, len(lexemes))):
        when = leading(lexemes[before:])
        if when is not None and when[0] == "WHEN":
            return "POINT", before + when[1]
    if found is not None and found[0] == "ITEM" and not _signed(lexemes):
        return found
    return ("POINT", 0) if _signed(lexemes) else (None, 0)


def _signed(lexemes: list[Lexeme]) -> bool:
    """Whether a line begins with a number, its sign first or not."""
    first = lexemes[0]
    if first.kind == "p" and first.key in ("+", "="):
        return True
    return first.kind == "n" or (first.kind == "p" and len(lexemes) > 1 and lexemes[1].kind == "n")


def _near_block(lexemes: list[Lexeme]) -> tuple[str, int] | None:
    """The block a misspelt line opens, and its words: a word alone, or with a name."""
    kinds = [lexeme.kind for lexeme in lexemes]
    if kinds[:4] == ["w", "w", "t", "p"] and lexemes[3].key == ":":
        words = f"{lexemes[0].key} {lexemes[1].key}"
        return ("LINK", 2) if get_close_matches(words, ["lien suivi"], cutoff=0.85) else None
    if kinds not in (["w"], ["w", "t"]):
        return None
    known = _PLAIN_BLOCKS if len(kinds) == 1 else _NAMED_BLOCKS
    near = get_close_matches(lexemes[0].key, known, n=1, cutoff=0.85)
    return (known[near[0]], 1) if near else None


def _stands_alone(lexemes: list[Lexeme], keyword: str, rest: int) -> bool:
    """Whether a word that phrases begin with too opens a block here: nothing else follows."""
    if keyword in _BARE:
        return _alone(lexemes, rest)
    if keyword == "INTEREST":
        named = rest < len(lexemes) and lexemes[rest].kind == "t"
        return _alone(lexemes, rest + named)
    if keyword == "CONVERSION":
        return len(lexemes) <= rest + 1 or _colon(lexemes) is not None
    return True


def _named(line: Line, found: tuple[str, int] | None) -> bool:
    """Whether a name between delimiters follows: « liste « X » : … » among the lines of `champs`."""
    return found is not None and found[1] < len(line.lexemes) and line.lexemes[found[1]].kind == "t"


def _alone(lexemes: list[Lexeme], index: int) -> bool:
    return all(lexeme.key == ":" for lexeme in lexemes[index:])


def _mode_after(line: Line, mode: Mode) -> Mode:
    if line.keyword == "FIELDS":
        return Mode.FIELDS
    if line.keyword == "SCENARIO":
        return Mode.SCENARIO
    if line.keyword in ("POINTS", "INTEREST"):
        return Mode.POINTS
    if line.keyword == "LINK":
        return Mode.LINK
    ends_flat_block = line.keyword == "END" and mode is not Mode.CAMPAIGN
    if line.keyword == "CAMPAIGN" or line.keyword in ONE_LINE or ends_flat_block:
        return Mode.CAMPAIGN
    return mode


def _continues(before: Line, line: Line) -> bool:
    """Whether `line` is the rest of `before`."""
    if before.blank or line.blank or before.keyword in _WHOLE or line.header:
        return False
    last = before.lexemes[-1] if before.lexemes else None
    if last is None or last.kind == "!" or not line.lexemes:
        return False
    if line.number != before.number + len(before.parts) or line.end - before.start > MAX_LINE:
        return False
    first = line.lexemes[0]
    if first.key in ("et", "ou", "]"):
        return line.mode not in (Mode.FIELDS, Mode.LINK)
    if line.keyword not in (None, "PLAY", "SHARE"):
        return False
    if line.mode is Mode.SCENARIO and (_colon(line.lexemes) is not None):
        return False
    linked = last.kind == "w" and last.key in ("et", "ou") and before.keyword in _CONDITIONAL
    named = last.key == ":" and before.keyword in ONE_LINE
    return linked or named or last.key == ","
