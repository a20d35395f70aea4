"""Source to logical lines: what a line begins with, which depends on the block it stands in.

A line goes on after a final comma, after a condition's final « et » or « ou », after the « : » of a
list or a conversion, and before a line that begins with « et », « ou » or « ] ».
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NamedTuple

from dsl.language.construct import COLON, CONDITION, NAME, Mode, Role, terminals
from dsl.language.fr.bare import percentage
from dsl.language.fr.constructs import CONSTRUCTS, LITERAL, ONE_LINE, ROWS, TOP
from dsl.language.fr.headers import HEADERS
from dsl.language.lexeme import Lexeme
from dsl.read.keywords import LINKS, leading
from dsl.read.letters import Letter
from dsl.text.lexer import Comment, keys_of, lex
from dsl.text.physical import physical, width
from dsl.tree.tokens import Token
from relance.fold import fold

MAX_LINE = 2_000
#: Lines that never go on below.
_WHOLE = terminals(row for row in ROWS if row.whole)
#: Those whose value is read to the letter.
_LITERAL = frozenset({"LINK", "DETAIL"}) | LITERAL
#: What a condition may stand after, on one line or on several.
_CONDITIONAL = terminals(
    row for row in ROWS if CONDITION in row.takes and row.role is not Role.ITEM
)
#: What opens a block: how many words it is, what stands on its line after them → the words → it.
_BLOCKS: dict[tuple[int, tuple[str, ...]], dict[str, str]] = {}
for _row in ROWS:
    if _row.role is Role.TOP and _row.closes:
        _keys = keys_of(_row.form)
        _BLOCKS.setdefault((len(_keys), _row.takes[:2]), {})[" ".join(_keys)] = _row.terminal
#: A keyword → the constructs that begin as it does, and go on before a name and a « : ».
_EXTENDED = {
    _short.terminal: tuple(
        _row
        for _row in ROWS
        if _row.takes[:2] == (NAME, COLON)
        and _row.forms
        and _row.form.startswith(f"{_short.form} ")
    )
    for _short in ROWS
    if _short.forms
}
_LONG_HEADERS = tuple(name for name in HEADERS if " " in name)
#: What a line is in a block that holds lines of one kind.
_RECORDS = {Mode.FIELDS: "FIELD", Mode.LINK: "DETAIL", Mode.POLICY: "TERM"}
#: « +5 », « - 20 »: at most so many lexemes before « quand ».
_CHANGE = 3

_HEADER = re.compile(r"\s*([^\W\d_][^:()«\"“#]*?)\s*:\s*")
_RAW_COMMENT = re.compile(r"(?:^|\s)#")


class Line(NamedTuple):
    """A logical line. `rest` is the index of the first lexeme past the keyword."""

    number: int
    start: int
    end: int
    indent: int
    mode: Mode
    rest: int = 0
    #: Where each of its physical lines ends, and the comment found there.
    parts: tuple[tuple[int, Comment | None], ...] = ()
    header: str | None = None
    too_long: bool = False
    #: Its keyword opens a block that changes how lines are read, and is misspelt.
    misspelt: bool = False
    #: The message it writes in place, whose lines are not lines of the script.
    letter: Letter | None = None
    #: From here on, what reading may change.
    keyword: str | None = None
    lexemes: Sequence[Lexeme] = ()
    tokens: tuple[Token, ...] = ()
    #: Something in it was reported already.
    broken: bool = False

    def read(
        self,
        keyword: str | None,
        lexemes: Sequence[Lexeme],
        tokens: tuple[Token, ...],
        *,
        broken: bool,
    ) -> "Line":
        """The line once read."""
        # `_replace` takes thrice as long.
        return Line._make((*self[:_READ], keyword, lexemes, tokens, broken))

    @property
    def blank(self) -> bool:
        """Whether it holds nothing but spaces and a comment."""
        return not (self.lexemes or self.broken)


_READ = Line._fields.index("keyword")


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
        letter = heads.get(number)
        if letter is not None:
            within = letter.last
            line = line._replace(letter=letter, end=letter.span.end)
        if lines and _continues(lines[-1], line):
            lines[-1] = _joined(lines[-1], line)
        else:
            lines.append(line)
            mode = _mode_after(line, mode)
    return lines


def _joined(line: Line, below: Line) -> Line:
    """A line and the rest of it."""
    return line._replace(
        lexemes=[*line.lexemes, *below.lexemes],
        end=below.end,
        parts=(*line.parts, *below.parts),
    )


def _read(source: str, number: int, start: int, end: int, mode: Mode) -> Line:
    if end - start > MAX_LINE:
        return Line(number, start, end, 0, mode, too_long=True, broken=True)
    header = _HEADER.match(source, start, end) if mode is Mode.CAMPAIGN else None
    if header is not None and fold(header[1]) in HEADERS:
        return _header(source, number, start, end, header)
    lexemes, comment = lex(source, start, end)
    first = lexemes[0].start if lexemes else start
    keyword, rest, misspelt = _classified(lexemes, mode)
    if keyword in _LITERAL:
        lexemes, comment = _literal(source, lexemes, end, comment, named=keyword == "DETAIL")
    indent, parts = width(source[start:first]), ((end, comment),)
    read = (None, keyword, lexemes)
    return Line(number, start, end, indent, mode, rest, parts, None, False, misspelt, *read)


def _literal(
    source: str, lexemes: list[Lexeme], end: int, comment: Comment | None, *, named: bool
) -> tuple[list[Lexeme], Comment | None]:
    """What follows « : » as it is written: a « # » in an address is no comment."""
    if named:
        lexemes = _one_name(source, lexemes, end)
    colon = _colon(lexemes)
    if colon is None:
        return lexemes, comment
    start, stop, comment = _raw(source, lexemes[colon].end, end)
    value = [Lexeme("t", start, stop, "")] if stop > start else []
    return [*lexemes[: colon + 1], *value], comment


def _one_name(source: str, lexemes: list[Lexeme], end: int) -> list[Lexeme]:
    """« utm_medium : … »: the name before « : » is one word, whatever it holds."""
    start = lexemes[0].start
    colon = source.find(":", start, end)
    stop = colon
    while stop > start and source[stop - 1].isspace():
        stop -= 1
    if stop <= start:
        return lexemes
    return [
        Lexeme("w", start, stop, fold(source[start:stop])),
        Lexeme("p", colon, colon + 1, ":"),
    ]


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
    indent, parts = width(source[start : found.start(1)]), ((end, comment),)
    line = Line(number, start, end, indent, Mode.CAMPAIGN, 1, parts, HEADERS[name.key])
    return line.read("HEADER", [name, value], (), broken=False)


def _colon(lexemes: Sequence[Lexeme]) -> int | None:
    for index, lexeme in enumerate(lexemes):
        if lexeme.kind == "p" and lexeme.key == ":":
            return index
    return None


def _classified(lexemes: list[Lexeme], mode: Mode) -> tuple[str | None, int, bool]:
    """The construct of a line from its first words and its mode, the index past them, and whether
    they are misspelt."""
    if not lexemes:
        return None, 0, False
    found = leading(lexemes)
    if found is not None and not _stands_alone(lexemes, *found):
        found = None
    colon = _colon(lexemes)
    if found is not None and mode is Mode.CAMPAIGN and (longer := _near_longer(lexemes, *found)):
        return longer
    opens = found is not None and found[0] in TOP
    if mode is Mode.CAMPAIGN or (opens and (colon is None or _named(lexemes, found))):
        if found is not None:
            return *found, False
        if percentage("", lexemes, 0) is not None:
            return "SHARE", 0, False
        meant = _near_block(lexemes)
        return (None, 0, False) if meant is None else (*meant, True)
    if found is not None and found[0] == "END" and colon is None:
        return *found, False
    if mode is Mode.POINTS:
        return *_in_points(lexemes, found), False
    if mode is Mode.SCENARIO:
        return *(leading(lexemes, record=True) or ("PLAY", 0)), False
    return _RECORDS[mode], 0, False


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
    count = next((i for i, lexeme in enumerate(lexemes) if lexeme.kind != "w"), len(lexemes))
    known = _BLOCKS.get((count, _following(lexemes[count:])))
    if known is None:
        return None
    words = " ".join(lexeme.key for lexeme in lexemes[:count])
    near = get_close_matches(words, known, n=1, cutoff=0.85)
    return (known[near[0]], count) if near else None


def _near_longer(
    lexemes: list[Lexeme], keyword: str, rest: int
) -> tuple[str | None, int, bool] | None:
    """What longer words than a keyword's are a slip for: « objectif principale », « objectif chifré »."""
    end = next((i for i, lexeme in enumerate(lexemes) if lexeme.kind != "w"), len(lexemes))
    if end == rest:
        return None
    following = _following(lexemes[end:])
    words = " ".join(lexeme.key for lexeme in lexemes[:end])
    if following == (COLON,):
        # The name of a header is not known: it says so.
        return (None, 0, False) if get_close_matches(words, _LONG_HEADERS, 1, 0.85) else None
    longer = {
        " ".join(keys_of(row.form)): row.terminal
        for row in _EXTENDED.get(keyword, ())
        if row.takes[:2] == following
    }
    near = get_close_matches(words, longer, n=1, cutoff=0.85)
    return (longer[near[0]], end, True) if near else None


def _following(lexemes: list[Lexeme]) -> tuple[str, ...]:
    """What stands after the words of a line, as its construct takes it; a value is not looked at."""
    signs = [lexeme.kind if lexeme.kind == "t" else lexeme.key for lexeme in lexemes[:2]]
    if signs[:2] == ["t", ":"]:
        return (NAME, COLON)
    if signs[:1] == [":"]:
        return (COLON,)
    return (NAME,) if signs == ["t"] else ("",) if signs else ()


def _stands_alone(lexemes: list[Lexeme], keyword: str, rest: int) -> bool:
    """Whether words that phrases begin with too make a construct here: nothing else follows."""
    row = CONSTRUCTS[keyword]
    if not row.shared:
        return True
    if COLON in row.takes:
        return len(lexemes) <= rest + 1 or _colon(lexemes) is not None
    named = row.named and rest < len(lexemes) and lexemes[rest].kind == "t"
    return _alone(lexemes, rest + named)


def _named(lexemes: Sequence[Lexeme], found: tuple[str, int] | None) -> bool:
    """Whether a name between delimiters follows: « liste « X » : … » among the lines of `champs`."""
    return found is not None and found[1] < len(lexemes) and lexemes[found[1]].kind == "t"


def _alone(lexemes: list[Lexeme], index: int) -> bool:
    return all(lexeme.key == ":" for lexeme in lexemes[index:])


def _mode_after(line: Line, mode: Mode) -> Mode:
    if line.keyword is not None and line.keyword in TOP:
        return CONSTRUCTS[line.keyword].mode
    return Mode.CAMPAIGN if line.keyword == "END" else mode


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
    if first.key in LINKS or first.key == "]":
        return line.mode not in (Mode.FIELDS, Mode.LINK)
    if line.keyword not in (None, "PLAY", "SHARE"):
        return False
    if line.mode is Mode.SCENARIO and (_colon(line.lexemes) is not None):
        return False
    linked = last.kind == "w" and last.key in LINKS and before.keyword in _CONDITIONAL
    named = last.key == ":" and before.keyword in ONE_LINE
    return linked or named or last.key == ","
