"""The blocks of a script, as one takes them in hand: which lines are one, where it may go, what the text becomes.

A tree that is arranged by hand writes in the text and nowhere else: each answer is a text, whose lines are
those it was made of. A block goes with all that stands under it, and with what stands above it since the
block before: its comments. Indentation follows.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dsl.language.construct import Mode, Role
from dsl.language.fr.constructs import (
    CLAUSES,
    OPENERS,
    RULES,
    SECTIONS,
    TOP,
    form,
    of_role,
)
from dsl.read.lines import Line
from dsl.read.parser import Reading
from dsl.service.rename import Refusal
from dsl.text.physical import physical
from relance.fold import key_of
from relance.french import quoted

_INDENT = "  "
_PARTS = of_role(Role.PART, Role.BRANCH)
#: What belongs to the line that opens: the head of a campaign, the conditions listed under a « si ».
_HEADS = CLAUSES | SECTIONS | RULES | of_role(Role.ITEM) | {"HEADER", "THEN"}
_MARGIN = re.compile(r"[ \t\u00a0]*")
_PLACE = re.compile(r"(\d{1,7})(:dans)?")
_UNPAIRED = "Un bloc du script n’a pas son «\u00a0fin\u00a0» : ajoutez-le d’abord."
_GONE = "Cette ligne n’est plus celle d’un bloc : le script a changé."
_NOWHERE = "Aucun bloc ne peut se placer là."
_WITHIN = "Un bloc ne peut pas aller dans lui-même."
_SAME = "Ce bloc y est déjà."
_LONGEST = 60


@dataclass(frozen=True, slots=True, order=True)
class BlockPlace:
    """After the whole block of a line; or `inside`, first of what that line opens."""

    line: int
    inside: bool = False

    @classmethod
    def of(cls, text: str) -> "BlockPlace | None":
        """« 12 », « 12:dans », as forms and programs write it."""
        found = _PLACE.fullmatch(text)
        return cls(int(found[1]), found[2] is not None) if found else None

    def __str__(self) -> str:
        return f"{self.line}:dans" if self.inside else str(self.line)


@dataclass(frozen=True, slots=True)
class Block:
    """A statement. Lines: `gap`, the first that goes with it; `first`, that of its own comments; `last`.

    `series`: which it is in; `name`: of a step, or that a jump goes to, `name_span` with its quotes.
    """

    keyword: str | None
    gap: int
    first: int
    line: int
    last: int
    said: str
    series: int
    name: str = ""
    name_span: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class BlockSeries:
    """Blocks that follow one another, under the line that opens them; `start`: the last line of that.

    `owner`: the line of the block whose branch it is, 0 for a campaign.
    """

    keyword: str
    line: int
    start: int
    owner: int
    indent: str
    said: str
    blocks: list[Block] = field(default_factory=list)

    @property
    def end(self) -> int:
        """Its last line."""
        return self.blocks[-1].last if self.blocks else self.start


@dataclass(frozen=True, slots=True)
class ArrangedText:
    """What the script becomes, the line where that shows, and the stretch of it to be filled in."""

    text: str
    line: int
    stop: tuple[int, int] | None = None


class BlockOutline:
    """The blocks of one script; `refusal` says why it has none."""

    def __init__(self, source: str, reading: Reading) -> None:
        self.source = source
        starts = [start for start, _ in physical(source)]
        self._starts = [*starts, len(source)]
        self.series: list[BlockSeries] = []
        self.refusal = "" if reading.paired else _UNPAIRED
        if reading.paired:
            _Outliner(self, reading.lines).read()
        self.blocks: Mapping[int, Block] = {
            block.line: block for one in self.series for block in one.blocks
        }
        self._opened = {one.line: one for one in self.series}
        self._held: dict[int, list[BlockSeries]] = {}
        for one in self.series:
            self._held.setdefault(one.owner, []).append(one)

    def lines(self, first: int, last: int) -> list[str]:
        """Those lines, each with its end."""
        return [
            self.source[self._starts[at - 1] : self._starts[at]] for at in range(first, last + 1)
        ]

    def line_of(self, offset: int) -> int:
        """Which line holds what is there."""
        return max(1, bisect_right(self._starts, offset, hi=len(self._starts) - 1))

    def block(self, line: int) -> Block | Refusal:
        """That of a line, or why there is none."""
        found = self.blocks.get(line)
        return found if found is not None else Refusal(self.refusal or _GONE)

    def under(self, line: int) -> BlockSeries | None:
        """What a line opens; the head of a campaign, as a whole, opens what it does."""
        campaign = self._campaign(line)
        if campaign is not None and line <= campaign.start:
            return campaign
        return self._opened.get(line)

    def branches(self, line: int) -> Sequence[BlockSeries]:
        """Those of the block of that line, in order."""
        return self._held.get(line, ())

    def siblings(self, block: Block) -> tuple[BlockSeries, int]:
        """Those among which a block stands, and which it is of them."""
        series = self.series[block.series]
        return series, series.blocks.index(block)

    def after(self, place: BlockPlace) -> tuple[BlockSeries, int] | None:
        """The series of a place, and the line under which it is."""
        if place.inside:
            series = self.under(place.line)
            return (series, series.start) if series is not None else None
        block = self.blocks.get(place.line)
        return (self.series[block.series], block.last) if block is not None else None

    def places(self, block: Block | None = None) -> Iterator[tuple[BlockPlace, str]]:
        """Every place, in words; those where `block` may go."""
        for one in sorted(self.series, key=lambda each: each.line):
            begins = named(one.said) if one.owner else "la campagne"
            here = [(BlockPlace(one.line, inside=True), one.start, f"Au début de {begins}")]
            here += [(BlockPlace(b.line), b.last, f"Après {named(b.said)}") for b in one.blocks]
            for place, after, words in here:
                if block is None or not block.gap - 1 <= after <= block.last:
                    yield place, f"{words} (ligne {place.line})"

    def above(self, block: Block) -> BlockPlace | None:
        """Where it goes when it goes up: before the one before it, or before what holds it."""
        series, at = self.siblings(block)
        if at == 0:
            owner = self.blocks.get(series.owner)
            return self._before(owner) if owner is not None else None
        return self._before(series.blocks[at - 1])

    def below(self, block: Block) -> BlockPlace | None:
        """Where it goes when it goes down: after the one after it, or after what holds it."""
        series, at = self.siblings(block)
        if at + 1 < len(series.blocks):
            return BlockPlace(series.blocks[at + 1].line)
        return BlockPlace(series.owner) if series.owner else None

    def _before(self, block: Block) -> BlockPlace:
        series, at = self.siblings(block)
        return (
            BlockPlace(series.blocks[at - 1].line) if at else BlockPlace(series.line, inside=True)
        )

    def steps(self, block: Block | None) -> Iterator[tuple[int, str]]:
        """To what a jump may lead, in the campaign of that block: the line of each, and its words."""
        campaign = self._campaign(block.line) if block is not None else None
        for one in self.blocks.values():
            if one is not block and self._campaign(one.line) is campaign and one.keyword != "GOTO":
                yield one.line, f"{one.said} (ligne {one.line})"

    def _campaign(self, line: int) -> BlockSeries | None:
        before = (one for one in reversed(self._held.get(0, ())) if one.line <= line)
        return next(before, None)


class _Outliner:
    """Goes through the lines of a script once, with what is open."""

    def __init__(self, outline: BlockOutline, lines: Sequence[Line]) -> None:
        self._outline, self._lines = outline, lines
        #: The series open, and what holds each: its keyword, line, and what will be its block.
        self._open: list[tuple[Line, int | None, int]] = []
        self._current: int | None = None

    def read(self) -> None:
        """All of them, into the outline."""
        for line in self._lines:
            if line.mode is not Mode.CAMPAIGN and line.keyword not in TOP | {"END"}:
                continue
            if not line.blank:
                self._take(line)

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
            self._open.append((line, self._current, len(self._outline.series)))
            if kind in ("IF", "REPEAT"):
                self._begin(line, line.number)
        elif self._current is not None:
            self._add(line, self._last(line))

    @property
    def _series(self) -> BlockSeries:
        return self._outline.series[self._current or 0]

    def _begin(self, line: Line, owner: int) -> None:
        words = self._said(line)
        indent = self._margin(line) + _INDENT
        series = BlockSeries(
            line.keyword or "", line.number, self._last(line), owner, indent, words
        )
        self._outline.series.append(series)
        self._current = len(self._outline.series) - 1

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
        while first > gap and self._outline.lines(first - 1, first - 1)[0].lstrip().startswith("#"):
            first -= 1
        name, span = "", (0, 0)
        if line.keyword in ("STEP", "GOTO"):
            named = next((one for one in line.lexemes if one.kind == "t"), None)
            if named is not None:
                span = (named.start, named.end)
                name = self._outline.source[named.start : named.end].strip(' \u00a0«»"“”()')
        block = Block(
            *(line.keyword, gap, first, line.number, last, self._said(line)),
            *(self._current or 0, name, span),
        )
        series.blocks.append(block)

    def _last(self, line: Line) -> int:
        """The last line of a logical one, the text of a message it writes in place counted."""
        return self._outline.line_of(max(line.end, line.start))

    def _margin(self, line: Line) -> str:
        found = _MARGIN.match(self._outline.source, line.start)
        return found[0] if found else ""

    def _said(self, line: Line) -> str:
        first = line.lexemes[0].start if line.lexemes else line.start
        end = line.parts[0][0] if line.parts else line.end
        comment = line.parts[0][1] if line.parts else None
        if comment is not None and comment.start > first:
            end = comment.start
        words = self._outline.source[first:end].strip()
        return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"


def moved(outline: BlockOutline, line: int, place: BlockPlace) -> ArrangedText | Refusal:
    """The block of a line, and all it holds, at another place."""
    block, target = outline.block(line), outline.after(place)
    if isinstance(block, Refusal):
        return block
    if target is None:
        return Refusal(_NOWHERE)
    series, after = target
    if after in (block.gap - 1, block.last):
        return Refusal(_SAME)
    if block.gap - 1 < after < block.last:
        return Refusal(_WITHIN)
    was = _margin_of(outline, block)
    taken = [_indented(one, was, series.indent) for one in outline.lines(block.gap, block.last)]
    whole = outline.lines(1, _count(outline))
    rest = whole[: block.gap - 1] + whole[block.last :]
    at = after if after < block.gap else after - len(taken)
    text = "".join(rest[:at] + taken + rest[at:])
    return ArrangedText(text, at + 1 + block.line - block.gap)


def removed(outline: BlockOutline, line: int) -> ArrangedText | Refusal:
    """Without the block of a line, its comments, and all it holds."""
    block = outline.block(line)
    if isinstance(block, Refusal):
        return block
    whole = outline.lines(1, _count(outline))
    text = "".join(whole[: block.first - 1] + whole[block.last :])
    return ArrangedText(text, max(block.first - 1, 1))


def inserted(
    outline: BlockOutline,
    place: BlockPlace,
    words: str,
    stop: tuple[int, int] | None = None,
) -> ArrangedText | Refusal:
    """With what is written of `words` at that place; `stop`: the stretch of its first line to fill in."""
    target = outline.after(place)
    if target is None:
        return Refusal(outline.refusal or _NOWHERE)
    series, after = target
    whole = outline.lines(1, _count(outline))
    before = "".join(whole[:after])
    if before and not before.endswith("\n"):
        before += "\n"
    rows = words.split("\n")
    written = "".join(f"{series.indent}{row}".rstrip(" ") + "\n" for row in rows[1:])
    first = series.indent + rows[0]
    begin = len(before) + len(series.indent)
    at = stop or (len(rows[0]), len(rows[0]))
    text = before + first + "\n" + written + "".join(whole[after:])
    return ArrangedText(text, after + 1, (begin + at[0], begin + at[1]))


def led_to(outline: BlockOutline, place: BlockPlace, target: int) -> ArrangedText | Refusal:
    """A jump from there to the block of another line, which is named if it has no name: the jump that the
    place is the line of is changed, else one is written."""
    to = outline.block(target)
    if isinstance(to, Refusal):
        return to
    name, declared = _step_at(outline, to)
    jump = outline.blocks.get(place.line) if not place.inside else None
    edited = outline.source
    if jump is not None and jump.keyword == "GOTO":
        start, end = jump.name_span
        line = jump.line
        edited = edited[:start] + quoted(name) + edited[end:]
    else:
        found = outline.after(place)
        if found is None:
            return Refusal(outline.refusal or _NOWHERE)
        series, after = found
        if after != series.end:
            return Refusal(
                "Ce qui suit ne se ferait plus : un bloc qui mène ailleurs est le dernier de sa branche."
            )
        words = f"{form('GOTO')} {quoted(name)}" + (", 2 fois au plus" if to.line <= after else "")
        arranged = inserted(outline, place, words)
        if isinstance(arranged, Refusal):
            return arranged
        edited, line = arranged.text, arranged.line
    if not declared:
        shift = len(edited) - len(outline.source) if line < to.first else 0
        at = sum(map(len, outline.lines(1, to.first - 1))) + shift
        edited = (
            edited[:at] + f"{_margin_of(outline, to)}{form('STEP')} {quoted(name)}\n" + edited[at:]
        )
        line += to.first <= line
    return ArrangedText(edited, line)


def _step_at(outline: BlockOutline, block: Block) -> tuple[str, bool]:
    """The name of the step that a block is, or follows, or will follow; whether that is written already."""
    series, at = outline.siblings(block)
    for one in (block, series.blocks[at - 1] if at else block):
        if one.keyword == "STEP" and one.name:
            return one.name, True
    taken = {key_of(one.name) for one in outline.blocks.values() if one.keyword == "STEP"}
    names = ("Suite", *(f"Suite {number}" for number in range(2, len(taken) + 3)))
    return next(one for one in names if key_of(one) not in taken), False


def named(said: str) -> str:
    """What a line says, between quotes unless it has some."""
    return said if "«" in said else quoted(said)


def _count(outline: BlockOutline) -> int:
    return sum(1 for _ in physical(outline.source))


def _margin_of(outline: BlockOutline, block: Block) -> str:
    found = _MARGIN.match(outline.lines(block.line, block.line)[0])
    return found[0] if found else ""


def _indented(line: str, was: str, now: str) -> str:
    if not line.strip() or not line.startswith(was):
        return line
    return now + line[len(was) :]
