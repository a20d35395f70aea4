"""Where somebody is typing: the line as far as it goes, what stands around it, what is begun there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from dsl.language.construct import Mode, Role
from dsl.language.fr.constructs import (
    CLAUSES,
    CONSTRUCTS,
    OPENERS,
    ROWS,
    RULES,
    SECTIONS,
    TOP,
    of_role,
)
from dsl.language.lexeme import Lexeme
from dsl.read.lines import Line
from dsl.service.memory import ReadScript
from dsl.service.occurrences import scope_of
from dsl.text.lexer import closer_of, lex
from dsl.text.physical import physical

_PARTS: Final = of_role(Role.PART, Role.BRANCH)
#: The blocks that hold nothing before their first branch.
_BRANCHED: Final = frozenset(
    opener for row in ROWS if row.role is Role.BRANCH for opener in row.within
)
_LAST: Final = frozenset({"ELSE", "TIMEOUT"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A delimiter that is not closed before the cursor: its sign, and where what it holds begins."""

    sign: str
    start: int


@dataclass(frozen=True, slots=True)
class CursorPlace:
    """A cursor in a script.

    `lexemes` are those of the line before the word being typed (or before the delimiter opened),
    `word` that word as far as the cursor; `start` and `end` are the stretch it takes, what follows
    the cursor in the same word included. `blocks` are the openers the line stands in, outermost
    first; `section` the one of the head of a campaign; `begun`: the campaign does something above.
    """

    source: str
    offset: int
    line_start: int
    line_end: int
    lexemes: Sequence[Lexeme]
    word: str
    start: int
    end: int
    opened: Opened | None
    blocks: tuple[str, ...]
    section: str | None
    begun: bool
    mode: Mode
    #: Whose steps may be named here: the scope of `Occurrence`.
    scope: str
    #: What parts the innermost block above, and the limit of one that waits.
    parts: Sequence[str] = ()
    #: The keyword of the line that goes on here, or whose list of conditions this one is of.
    owner: str | None = None
    #: What the lines that are written just above and just below begin with.
    above: str | None = None
    below: str | None = None
    #: The text of a comment, or of a message: nothing of the language stands there.
    silent: bool = False

    @property
    def ruled(self) -> bool:
        """Whether a section still awaits its rules, or those go on below: nothing else may come."""
        return self.section is not None and (self.above in SECTIONS or self.below in RULES)

    def follows(self, rule: str) -> bool:
        """Whether that rule is of the section: only a failure comes by time alone."""
        return rule != "AFTER" or self.section == "EXIT_LOST"

    @property
    def headed(self) -> bool:
        """Whether the head of the campaign goes on below."""
        head = self.below == "HEADER" or self.below in CLAUSES | SECTIONS | RULES
        return head and self.blocks == ("CAMPAIGN",)

    def admits(self, word: str) -> bool:
        """Whether that may part, or close, the innermost block there."""
        if word == "END":
            return self.below not in _PARTS and not self.headed
        limited = word != "TIMEOUT" or "ATMOST" in self.parts
        last = word in _LAST and self.below in _PARTS
        return limited and not last and not _LAST.intersection(self.parts)

    @property
    def acts(self) -> bool:
        """Whether something may be done there: in a campaign, after its head, in a branch."""
        if not self.blocks or self.blocks[0] != "CAMPAIGN" or self.headed:
            return False
        return self.blocks[-1] not in _BRANCHED or not _PARTS.isdisjoint(self.parts)

    @property
    def indent(self) -> str:
        """What the line begins with."""
        line = self.source[self.line_start : self.line_end]
        return line[: len(line) - len(line.lstrip())]


def place_of(script: ReadScript, offset: int) -> CursorPlace:
    """The place of an offset of that script, whatever it is."""
    source = script.text
    offset = max(0, min(offset, len(source)))
    start, end = _line(source, offset)
    around = _around(script.reading.lines, start)
    below = (one for one in script.reading.lines if one.start > end and one.tokens)
    opened = _opened(source, start, offset)
    cut = opened.start - 1 if opened is not None else _word_start(source, start, offset)
    lexemes, comment = lex(source, start, cut)
    lexemes = [one for one in lexemes if one.kind != "!"]
    stop = offset
    if opened is None:
        while stop < end and _in_word(source[stop]):
            stop += 1
    silent = comment is not None or _in_letter(script.reading.lines, offset, start)
    return CursorPlace(
        source=source,
        offset=offset,
        line_start=start,
        line_end=end,
        lexemes=lexemes,
        word=source[cut:offset] if opened is None else source[opened.start : offset],
        start=cut if opened is None else opened.start,
        end=stop if opened is None else _closing(source, opened, offset, end),
        opened=opened,
        blocks=tuple(around.blocks),
        section=around.section,
        begun=around.begun,
        mode=around.mode,
        scope=_scope(script, offset),
        parts=tuple(around.parts[-1]) if around.parts else (),
        owner=around.owner,
        above=around.above,
        below=next((one.keyword for one in below if not one.blank), None),
        silent=silent,
    )


def _line(source: str, offset: int) -> tuple[int, int]:
    """The physical line an offset is in."""
    for start, end in physical(source):
        if offset <= end:
            return min(start, offset), end
    return len(source), len(source)


def _in_word(char: str) -> bool:
    return char.isalnum() or char in "’'_"


def _word_start(source: str, start: int, offset: int) -> int:
    at = offset
    while at > start and _in_word(source[at - 1]):
        at -= 1
    return at


def _opened(source: str, start: int, offset: int) -> Opened | None:
    """The first delimiter of the line that nothing closes before the cursor."""
    waiting: list[Opened] = []
    for at in range(start, offset):
        char = source[at]
        if waiting and char == closer_of(waiting[-1].sign):
            waiting.pop()
        elif char == "#" and not waiting:
            return None
        elif closer_of(char) is not None and (not waiting or char == "(" == waiting[-1].sign):
            waiting.append(Opened(char, at + 1))
    return waiting[0] if waiting else None


def _closing(source: str, opened: Opened, offset: int, end: int) -> int:
    """Where what was opened closes on its line, else where the cursor is."""
    closed = source.find(closer_of(opened.sign) or "", offset, end)
    again = source.find(opened.sign, offset, end)
    if closed < 0 or (0 <= again < closed and opened.sign != '"'):
        return offset
    return closed


@dataclass(slots=True)
class _Around:
    """What the lines above a place make of it."""

    blocks: list[str] = field(default_factory=list)
    parts: list[list[str]] = field(default_factory=list)
    section: str | None = None
    begun: bool = False
    owner: str | None = None
    above: str | None = None

    @property
    def mode(self) -> Mode:
        """How its line is read."""
        return CONSTRUCTS[self.blocks[-1]].mode if self.blocks else Mode.CAMPAIGN

    def pass_by(self, line: Line, *, goes_on: bool) -> None:
        """One more of them; `goes_on`: to the place itself."""
        kind = line.keyword
        if line.blank or (kind is None and not line.tokens):
            return
        if kind in TOP:
            self.blocks, self.parts, self.section, self.begun = [], [], None, False
        if kind in OPENERS:
            self.blocks.append(kind)
            self.parts.append([one.type for one in line.tokens if one.type == "ATMOST"])
        elif kind == "END" and self.blocks:
            self.blocks.pop()
            self.parts.pop()
        elif kind in _PARTS and self.parts:
            self.parts[-1].append(kind)
        self.above = kind
        self._head(kind)
        if kind != "ITEM":
            lists = any(one.type == "LISTED" for one in line.tokens)
            self.owner = kind if goes_on or lists else None

    def _head(self, kind: str | None) -> None:
        if kind in SECTIONS:
            self.section = kind
        elif kind in CLAUSES or kind == "HEADER":
            self.section = None
        elif kind is None or CONSTRUCTS[kind].role is Role.STATEMENT:
            self.section, self.begun = None, True


def _around(lines: Sequence[Line], start: int) -> _Around:
    found = _Around()
    for line in lines:
        if line.start >= start:
            break
        found.pass_by(line, goes_on=line.end >= start)
    return found


def _in_letter(lines: Sequence[Line], offset: int, start: int) -> bool:
    """Whether a line is of a text written in place: below the phrase that sends it."""
    return any(
        line.letter is not None and line.start < start and offset <= line.end for line in lines
    )


def _scope(script: ReadScript, offset: int) -> str:
    for one in script.reading.parsed.script.blocks:
        if one.span.start <= offset <= one.span.end:
            return scope_of(one)
    return ""
