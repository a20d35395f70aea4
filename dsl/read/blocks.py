"""Blocks and their « fin »: paired before parsing, so that one missing « fin » is one diagnostic.

Where « fin » count as they should, indentation is not looked at. Where they do not, it is the
second witness: a « fin » that stands under another opener than the last says which one is missing.
"""

from collections.abc import Iterable, Sequence

from dsl.diagnostics import Diagnostic, Fix, RelatedPlace, Severity, Span
from dsl.language.construct import Role
from dsl.language.fr.constructs import (
    CONSTRUCTS,
    LITERAL,
    ONE_LINE,
    OPENERS,
    ROWS,
    TOP,
    closing,
    form,
)
from dsl.language.fr.values import duration
from dsl.read.keywords import limit
from dsl.read.lines import Line
from dsl.tree.nodes import PhraseUse
from dsl.tree.tokens import Token
from relance.french import quoted
from relance.phrase import Kind
from relance.values import Duration

MAX_NESTING = 40

#: A branch → the block it belongs to.
_BRANCHES = {row.terminal: row.within[0] for row in ROWS if row.role in (Role.PART, Role.BRANCH)}

#: What stands in no block, and opens none.
_ALONE = ((ONE_LINE | LITERAL) & TOP) | {"ITEM"}


class Blocks:
    """The lines of a file, paired. `missing` says after which line how many « fin » to add."""

    def __init__(self, lines: Iterable[Line]) -> None:
        #: As they are once paired: a « fin » in excess has no tokens left.
        self.lines = list(lines)
        self.diagnostics: list[Diagnostic] = []
        self.missing: dict[int, list[Token]] = {}
        #: Before which line to add the opener it lacks, as kinds of tokens.
        self.lacking: dict[int, tuple[str, ...]] = {}
        #: Index of an opener's line → index of the line of its « fin » (or the last line it holds).
        self.closed_at: dict[int, int] = {}
        self.outside: set[int] = set()
        self.unpaired = False
        self._pair()

    def _pair(self) -> None:
        start = 0
        code = [i for i, line in enumerate(self.lines) if line.tokens]
        open_, skip_to = 0, 0
        for place, index in enumerate(code):
            keyword = self.lines[index].keyword
            if place < skip_to:
                continue
            if keyword in TOP and place > start:
                block = code[start]
                skip_to = self._past_declared(code, place, block) if open_ > 0 else place
                if place < skip_to < len(code) and not self._opens(code[skip_to]):
                    self._declared_inside(block, code[place:skip_to])
                    continue
                self._segment(code[start:place])
                start, open_, skip_to = place, 0, 0
            open_ += (keyword in OPENERS) - (keyword == "END")
        self._segment(code[start:])

    def _opens(self, index: int) -> bool:
        return self.lines[index].keyword in TOP

    def _past_declared(self, code: Sequence[int], place: int, block: int) -> int:
        """Where lines end that stand by themselves, further in than the block above them."""
        while place < len(code):
            line = self.lines[code[place]]
            if line.keyword not in _ALONE or line.indent <= self.lines[block].indent:
                break
            place += 1
        return place

    def _declared_inside(self, block: int, code: Sequence[int]) -> None:
        """Such lines among those of a block, said where they stand; the block is read without them."""
        for index in code:
            line = self.lines[index]
            if self._opens(index):
                row, around = CONSTRUCTS[line.keyword or ""], form(self._kind(block))
                message = (
                    f"{quoted(row.form)} ne se déclare pas dans {quoted(around)} : placez cette ligne avant, ou après "
                    f"son «\u00a0fin\u00a0». {row.misplaced}"
                )
                self._say("R109", line.tokens[0].span, message.rstrip())
            self._break(index, ())

    def _segment(self, code: Sequence[int]) -> None:
        """The lines from one top-level opener to before the next; what was said of aside."""
        code = [index for index in code if self.lines[index].tokens]
        if code and self.lines[code[0]].keyword not in OPENERS:
            self._no_block(code)
        elif not self._balanced(code):
            self.unpaired = True
            self._witnessed(code)

    def _no_block(self, code: Sequence[int]) -> None:
        """A list and its conditions, or lines that no block holds."""
        outside = self.lines[code[0]].keyword not in TOP
        for index in code:
            outside = outside or self.lines[index].keyword not in _ALONE
            if outside:
                self.outside.add(index)
                self.unpaired = True

    def _balanced(self, code: Sequence[int]) -> bool:
        opened: list[int] = []
        closed: dict[int, int] = {}
        for index in code:
            line = self.lines[index]
            if line.keyword in OPENERS:
                opened.append(index)
                if len(opened) > MAX_NESTING:
                    return False
            elif line.keyword == "END":
                named = line.tokens[0].value
                if not opened or (named is not None and self.lines[opened[-1]].keyword != named):
                    return False
                closed[opened.pop()] = index
            elif not opened:
                return False
        if opened:
            return False
        self.closed_at |= closed
        return True

    def _witnessed(self, code: Sequence[int]) -> None:
        opened: list[int] = []
        skip_to = -1
        lost = False
        spare = sum(
            (self.lines[i].keyword == "END") - (self.lines[i].keyword in OPENERS) for i in code
        )
        for place, index in enumerate(code):
            line = self.lines[index]
            if index <= skip_to:
                continue
            lost = lost or not (opened or line.keyword in TOP or line.keyword == "END")
            if lost:
                self.outside.add(index)
                continue
            if spare > 0 and line.keyword in _BRANCHES:
                spare -= self._opener_lacks(opened, index, code[place - 1])
            elif line.keyword in OPENERS:
                if len(opened) >= MAX_NESTING:
                    skip_to = self._too_deep(code[place:])
                    continue
                opened.append(index)
            elif line.keyword == "END":
                self._uncross(opened, code[place : place + 2])
                self._close(opened, index, last=place == len(code) - 1)
        for index in reversed(opened):
            self._lacks(index, code[-1], None)

    def _opener_lacks(self, opened: list[int], index: int, above: int) -> bool:
        """A branch whose block was never opened, in a file with a « fin » to spare: open it."""
        line = self.lines[index]
        branch = CONSTRUCTS[line.keyword or ""]
        block = _BRANCHES[branch.terminal]
        if self._kind(opened[-1]) == block:
            return False
        if not (block == "WAIT" and self._phrase_for_block(above)):
            self._say("R109", line.tokens[0].span, branch.misplaced)
        asked = ("PHRASE",) if CONSTRUCTS[block].asks else ()
        self.lacking[index] = (block, *asked, "_NL")
        opened.append(index)
        return True

    def _phrase_for_block(self, index: int) -> bool:
        """« Attendre pendant 3 jours » where « attendre au plus 3 jours » opens a block: reported."""
        line = self.lines[index]
        use = line.tokens[0].value
        if line.keyword is not None or not isinstance(use, PhraseUse) or use.phrase is None:
            return False
        most = next((x.text for _, x in use.slots if isinstance(duration(x.text), Duration)), None)
        if use.phrase.kind is not Kind.WAIT or most is None:
            return False
        instead = f"{form('WAIT')} {limit(most)}"
        message = (
            "Cette phrase n’ouvre pas de bloc : pour attendre l’une des branches qui suivent,"
            f" écrivez « {instead} »."
        )
        self._say("R109", use.span, message, fixes=(Fix(use.span, instead),))
        self._break(index)
        return True

    def _kind(self, index: int) -> str:
        """The keyword of the block opened at a line, or lacking before it."""
        if index in self.lacking:
            return self.lacking[index][0]
        return self.lines[index].keyword or ""

    def _close(self, opened: list[int], index: int, *, last: bool) -> None:
        """One « fin »: find what it closes."""
        line = self.lines[index]
        named = line.tokens[0].value
        depth = self._closes(opened, line)
        if depth is None:
            self._excess(opened, index, named)
            if named is not None and opened:
                self.closed_at[opened.pop()] = index
            return
        if named is None and self._in_excess(opened, line) and not last:
            self._excess(opened, index, named)
            return
        for inner in reversed(opened[depth + 1 :]):
            self._lacks(inner, index - 1, line)
        self.closed_at[opened[depth]] = index
        del opened[depth:]

    def _uncross(self, opened: list[int], ends: Sequence[int]) -> None:
        """« fin si » then « fin attendre » for an « attendre » in a « si »: reported once, and swapped."""
        if len(ends) < 2 or len(opened) < 2 or self.lines[ends[1]].keyword != "END":
            return
        first, second = (self.lines[index].tokens[0] for index in ends)
        inner, outer = (self._kind(opened[depth]) for depth in (-1, -2))
        if inner == outer or (first.value, second.value) != (outer, inner):
            return
        right = closing(inner)
        message = (
            (
                f"Ces deux « fin » sont inversés\u00a0: « {form(inner)} », ouvert en dernier, se ferme"
                f" d’abord. Écrivez ici « {right} », et « {closing(outer)} » ensuite."
            )
            .replace("« ", "«\u00a0")
            .replace(" »", "\u00a0»")
        )
        notes = (
            RelatedPlace(self.lines[opened[-1]].tokens[0].span, f"« {form(inner)} » s’ouvre ici"),
        )
        self._say("R108", first.span, message, notes, (Fix(first.span, right),))
        for index, named in zip(ends, (inner, outer), strict=True):
            end = self.lines[index].tokens[0]
            self._break(index, (end._replace(value=named),))

    def _closes(self, opened: list[int], line: Line) -> int | None:
        """The place in `opened` of what this « fin » closes."""
        if not opened:
            return None
        named = line.tokens[0].value
        if named is not None:
            for depth in range(len(opened) - 1, -1, -1):
                if self._kind(opened[depth]) == named:
                    return depth
            return None
        if self.lines[opened[-1]].indent > line.indent:
            for depth in range(len(opened) - 2, -1, -1):
                if self.lines[opened[depth]].indent == line.indent:
                    return depth
        return len(opened) - 1

    def _in_excess(self, opened: list[int], line: Line) -> bool:
        """A « fin » further in than the block that would end here: it closed a block already."""
        return len(opened) == 1 and line.indent > self.lines[opened[0]].indent

    def _excess(self, opened: list[int], index: int, named: str | None) -> None:
        line = self.lines[index]
        span = line.tokens[0].span
        if named is not None and opened:
            inside = self.lines[opened[-1]]
            kind = self._kind(opened[-1])
            opener = form(kind)
            self._say(
                "R108",
                span,
                f"« {line.tokens[0].shown} » ne correspond à aucun bloc ouvert :"
                f" c’est « {opener} » qui est ouvert ici.",
                (RelatedPlace(inside.tokens[0].span, f"« {opener} » s’ouvre ici"),),
                (Fix(span, closing(kind)),),
            )
            self._break(index)
        else:
            self._say("R107", span, "Ce « fin » est en trop : il ne ferme aucun bloc.")
            self._break(index, ())

    def _lacks(self, opener: int, before: int, end: Line | None) -> None:
        """The block opened at `opener` has no « fin »: give it one after the line `before`."""
        line = self.lines[opener]
        word = form(self._kind(opener))
        notes: tuple[RelatedPlace, ...] = ()
        if end is not None:
            notes = (RelatedPlace(end.tokens[0].span, "ce « fin » ferme un bloc plus large"),)
        self._say(
            "R106",
            line.tokens[0].span,
            f"Il manque le « fin » de ce « {word} ».",
            notes,
        )
        place = self.lines[before].end
        self.missing.setdefault(before, []).append(Token("END", place, place))
        self.closed_at[opener] = before

    def _too_deep(self, code: Sequence[int]) -> int:
        """Leave out a block nested too deep; the index of its last line."""
        self._say(
            "R103",
            self.lines[code[0]].tokens[0].span,
            f"Ce bloc est trop imbriqué (plus de {MAX_NESTING} niveaux) : il n’a pas été lu.",
        )
        depth = 0
        for index in code:
            line = self.lines[index]
            depth += (line.keyword in OPENERS) - (line.keyword == "END")
            self._break(index, ())
            if depth <= 0:
                return index
        return code[-1]

    def _break(self, index: int, tokens: tuple[Token, ...] | None = None) -> None:
        """Mark a line as one of which something was said; `tokens` are those it has from then on."""
        line = self.lines[index]
        kept = line.tokens if tokens is None else tokens
        self.lines[index] = line._replace(tokens=kept, broken=True)

    def _say(
        self,
        code: str,
        span: Span,
        message: str,
        notes: tuple[RelatedPlace, ...] = (),
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, span, message, fixes, notes))
