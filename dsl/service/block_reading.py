"""Lines to blocks: which line opens what, what each block goes with."""

from collections.abc import Sequence

from dsl.language.construct import Mode, Role
from dsl.language.fr.constructs import CLAUSES, OPENERS, RULES, SECTIONS, TOP, of_role
from dsl.read.lines import Line
from dsl.service.blocks import Block, BlockSeries
from dsl.service.source_lines import SourceLines

INDENT = "  "
_PARTS = of_role(Role.PART, Role.BRANCH)
#: What belongs to the line that opens: the head of a campaign, the conditions listed under a « si ».
_HEADS = CLAUSES | SECTIONS | RULES | of_role(Role.ITEM) | {"HEADER", "THEN"}
_LONGEST = 60


def read_blocks(source: SourceLines, lines: Sequence[Line]) -> list[BlockSeries]:
    """The series of blocks of a script, those that hold others before what they hold."""
    return _Reader(source, lines).read()


class _Reader:
    """Goes through the lines of a script once, with what is open."""

    def __init__(self, source: SourceLines, lines: Sequence[Line]) -> None:
        self._source, self._lines = source, lines
        self.series: list[BlockSeries] = []
        #: The series open, and what holds each: its keyword, line, and what will be its block.
        self._open: list[tuple[Line, int | None, int]] = []
        self._current: int | None = None

    def read(self) -> list[BlockSeries]:
        """What blocks there are, under what opens them."""
        for line in self._lines:
            if line.mode is not Mode.CAMPAIGN and line.keyword not in TOP | {"END"}:
                continue
            if not line.blank:
                self._take(line)
        return self.series

    def _take(self, line: Line) -> None:
        kind = line.keyword or ""
        if kind in TOP:
            self._open, self._current = [], None
            if kind == "CAMPAIGN":
                self._begin(line, 0)
        elif self._current is None and not self._open:
            return
        elif kind == "END":
            self._end(line)
        elif kind in _PARTS:
            owner = self._open[-1][0].number if self._open else 0
            self._begin(line, owner)
        elif kind in _HEADS and self._current is not None:
            self._series.start = self._last(line)
        elif kind in OPENERS:
            self._open.append((line, self._current, len(self.series)))
            if kind in ("IF", "REPEAT"):
                self._begin(line, line.number)
        elif self._current is not None:
            self._add(line, self._last(line))

    @property
    def _series(self) -> BlockSeries:
        return self.series[self._current or 0]

    def _begin(self, line: Line, owner: int) -> None:
        words = self._said(line)
        indent = self._margin(line) + INDENT
        series = BlockSeries(
            line.keyword or "", line.number, self._last(line), owner, indent, words
        )
        self.series.append(series)
        self._current = len(self.series) - 1

    def _end(self, line: Line) -> None:
        if not self._open:
            self._current = None
            return
        opener, self._current, _ = self._open.pop()
        if self._current is not None:
            self._add(opener, self._last(line))

    def _add(self, line: Line, last: int) -> None:
        series = self._series
        if not series.blocks:
            series.indent = self._margin(line)
        gap = series.end + 1
        first = line.number
        while first > gap and self._source.of(first - 1, first - 1)[0].lstrip().startswith("#"):
            first -= 1
        name, span, bound = "", (0, 0), (0, 0)
        if line.keyword in ("STEP", "GOTO"):
            named = next((one for one in line.lexemes if one.kind == "t"), None)
            if named is not None:
                span = (named.start, named.end)
                name = self._source.source[named.start : named.end].strip(' \u00a0«»"“”()')
                times = next((one for one in line.tokens if one.type == "TIMES"), None)
                bound = (named.end, times.end) if times is not None else bound
        limited = any(one.type == "ATMOST" for one in line.tokens)
        block = Block(
            *(line.keyword, gap, first, line.number, last, self._said(line)),
            *(self._current or 0, name, span, bound, limited),
        )
        series.blocks.append(block)

    def _last(self, line: Line) -> int:
        """The last line of a logical one, the text of a message it writes in place counted."""
        return self._source.at(max(line.end, line.start))

    def _margin(self, line: Line) -> str:
        return self._source.margin(line.number)

    def _said(self, line: Line) -> str:
        first = line.lexemes[0].start if line.lexemes else line.start
        end = line.parts[0][0] if line.parts else line.end
        comment = line.parts[0][1] if line.parts else None
        if comment is not None and comment.start > first:
            end = comment.start
        words = self._source.source[first:end].strip()
        return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"
