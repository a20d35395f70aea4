"""The blocks of a script, as one takes them in hand: which lines are one, what each stands among, where it may go.

A tree that is arranged by hand writes in the text and nowhere else. A block goes with all that stands under
it, and with what stands above it since the block before: its comments.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dsl.language.fr.constructs import form
from dsl.read.parser import Reading
from dsl.service.block_reading import INDENT, read_blocks
from dsl.service.blocks import Block, BlockPlace, BlockSeries, named
from dsl.service.rename import Refusal
from dsl.service.source_lines import SourceLines
from relance.french import quoted

_UNPAIRED = "Un bloc du script n’a pas son «\u00a0fin\u00a0» : ajoutez-le d’abord."
_GONE = "Cette ligne n’est plus celle d’un bloc : le script a changé."
#: What ends a block by a branch for what no other took.
_LAST_BRANCH: Final = {"IF": "ELSE", "WAIT": "TIMEOUT"}


@dataclass(frozen=True, slots=True)
class BlockTarget:
    """A place: the series it is in, None of a branch that is not written; the line it is under; how far in a
    block stands there; `opener`: the line to write before it, whole, empty when there is none."""

    series: BlockSeries | None
    after: int
    indent: str
    opener: str = ""

    @property
    def ends(self) -> bool:
        """Whether nothing follows there, in its branch."""
        return self.series is None or self.after == self.series.end

    def within(self, block: Block) -> bool:
        """Whether it is within that block, or where it stands already."""
        if self.opener:
            return block.gap - 1 <= self.after < block.last
        return block.gap - 1 <= self.after <= block.last


class BlockOutline:
    """The blocks of one script; `refusal` says why it has none."""

    def __init__(self, source: str, reading: Reading) -> None:
        self.lines = SourceLines(source)
        self.refusal = "" if reading.paired else _UNPAIRED
        self.series = read_blocks(self.lines, reading.lines) if reading.paired else []
        self.blocks: Mapping[int, Block] = {
            block.line: block for one in self.series for block in one.blocks
        }
        self._opened = {one.line: one for one in self.series}
        self._held: dict[int, list[BlockSeries]] = {}
        for one in self.series:
            self._held.setdefault(one.owner, []).append(one)

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

    def target(self, place: BlockPlace) -> BlockTarget | None:
        """What a place is; None where there is none."""
        if place.otherwise:
            return self._missing(place.line)
        if place.inside:
            series = self.under(place.line)
            return None if series is None else BlockTarget(series, series.start, series.indent)
        block = self.blocks.get(place.line)
        if block is None:
            return None
        series = self.series[block.series]
        return BlockTarget(series, block.last, series.indent)

    def lacking(self, line: int) -> str:
        """The last branch that the block of a line could have and has not, as it is written; empty for
        none."""
        block = self.blocks.get(line)
        last = _LAST_BRANCH.get(block.keyword or "") if block is not None else None
        if block is None or last is None or (block.keyword == "WAIT" and not block.limited):
            return ""
        return "" if any(one.keyword == last for one in self.branches(line)) else form(last)

    def _missing(self, line: int) -> BlockTarget | None:
        words = self.lacking(line)
        if not words:
            return None
        block, branches = self.blocks[line], self.branches(line)
        margin = self.lines.margin(branches[-1].line if branches else line)
        margin = self.lines.margin(line) if block.keyword == "IF" else margin
        indent = branches[-1].indent if branches else margin + INDENT
        return BlockTarget(None, block.last - 1, indent, f"{margin}{words}\n")

    def places(self, block: Block | None = None) -> Iterator[tuple[BlockPlace, str]]:
        """Every place, in words; those where `block` may go."""
        for one in sorted(self.series, key=lambda each: each.line):
            begins = named(one.said) if one.owner else "la campagne"
            here = [(BlockPlace(one.line, inside=True), f"Au début de {begins}")]
            for held in one.blocks:
                if lacking := self.lacking(held.line):
                    words = f"Dans le {quoted(lacking)} de {named(held.said)}, à écrire"
                    here.append((BlockPlace(held.line, otherwise=True), words))
                here.append((BlockPlace(held.line), f"Après {named(held.said)}"))
            for place, words in here:
                found = self.target(place)
                if found is not None and (block is None or not found.within(block)):
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

    def campaign(self, line: int) -> int:
        """The line of the campaign that a line is in, 0 outside any."""
        found = self._campaign(line)
        return found.line if found is not None else 0

    def _campaign(self, line: int) -> BlockSeries | None:
        before = (one for one in reversed(self._held.get(0, ())) if one.line <= line)
        return next(before, None)
