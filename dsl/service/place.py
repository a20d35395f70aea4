"""Where somebody is typing: the line as far as it goes, what stands around it, what is begun there."""

from collections.abc import Sequence
from dataclasses import dataclass

from dsl.language.construct import Mode, Role
from dsl.language.fr.constructs import CLAUSES, CONSTRUCTS, OPENERS, SECTIONS, TOP
from dsl.language.lexeme import Lexeme
from dsl.read.lines import Line
from dsl.service.memory import ReadScript
from dsl.service.occurrences import scope_of
from dsl.text.lexer import closer_of, lex
from dsl.text.physical import physical


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
    #: The text of a comment, or of a message: nothing of the language stands there.
    silent: bool = False

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
    blocks, section, begun, mode = _around(script.reading.lines, start)
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
        blocks=blocks,
        section=section,
        begun=begun,
        mode=mode,
        scope=_scope(script, offset),
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


def _around(lines: Sequence[Line], start: int) -> tuple[tuple[str, ...], str | None, bool, Mode]:
    blocks: list[str] = []
    section: str | None = None
    begun = False
    mode = Mode.CAMPAIGN
    for line in lines:
        if line.start >= start:
            break
        kind = line.keyword
        if line.blank or (kind is None and not line.tokens):
            continue
        if kind in TOP:
            blocks, section, begun = [], None, False
        if kind in OPENERS:
            blocks.append(kind)
        elif kind == "END" and blocks:
            blocks.pop()
        if kind in SECTIONS:
            section = kind
        elif kind in CLAUSES or kind == "HEADER":
            section = None
        elif kind is None or CONSTRUCTS[kind].role is Role.STATEMENT:
            section, begun = None, True
    if blocks:
        mode = CONSTRUCTS[blocks[-1]].mode
    return tuple(blocks), section, begun, mode


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
