"""Blocks and their « fin »: paired before parsing, so that one missing « fin » is one diagnostic.

Where « fin » count as they should, indentation is not looked at. Where they do not, it is the
second witness: a « fin » that stands under another opener than the last says which one is missing.
"""

from collections.abc import Sequence

from dsl.diagnostics import Diagnostic, Fix, Note, Severity, Span
from dsl.language.fr.keywords import CANONICAL, CLOSES, ONE_LINE, TOP
from dsl.language.fr.values import duration
from dsl.read.expected import OUT_OF_PLACE
from dsl.read.lines import Line
from dsl.tree.nodes import PhraseUse
from dsl.tree.tokens import Token
from relance.phrase import Kind
from relance.values import Duration

MAX_NESTING = 40

#: A branch → the block it belongs to, and the tokens of an opener nobody wrote.
_BRANCHES = {
    "ELSIF": ("IF", ("IF", "PHRASE", "_NL")),
    "ELSE": ("IF", ("IF", "PHRASE", "_NL")),
    "AS_SOON": ("WAIT", ("WAIT", "_NL")),
    "TIMEOUT": ("WAIT", ("WAIT", "_NL")),
    "SHARE": ("SPLIT", ("SPLIT", "_NL")),
}


class Blocks:
    """Pairs the lines of a file. `missing` says after which line how many « fin » to add."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.missing: dict[int, list[Token]] = {}
        #: Before which line to add the opener it lacks, as kinds of tokens.
        self.lacking: dict[int, tuple[str, ...]] = {}
        #: Index of an opener's line → index of the line of its « fin » (or the last line it holds).
        self.closed_at: dict[int, int] = {}
        self.outside: set[int] = set()
        self.unpaired = False

    def pair(self, lines: Sequence[Line]) -> None:
        """Pair everything; lines whose « fin » is in excess lose their tokens."""
        start = 0
        code = [i for i, line in enumerate(lines) if line.tokens]
        for place, index in enumerate(code):
            if lines[index].keyword in TOP and place > start:
                self._segment(lines, code[start:place])
                start = place
        self._segment(lines, code[start:])

    def _segment(self, lines: Sequence[Line], code: Sequence[int]) -> None:
        """The lines from one top-level opener to before the next."""
        if code and lines[code[0]].keyword not in CLOSES:
            self._no_block(lines, code)
        elif not self._balanced(lines, code):
            self.unpaired = True
            self._witnessed(lines, code)

    def _no_block(self, lines: Sequence[Line], code: Sequence[int]) -> None:
        """A list and its conditions, or lines that no block holds."""
        outside = lines[code[0]].keyword not in TOP
        for index in code:
            outside = outside or lines[index].keyword not in ONE_LINE | {"ITEM"}
            if outside:
                self.outside.add(index)
                self.unpaired = True

    def _balanced(self, lines: Sequence[Line], code: Sequence[int]) -> bool:
        opened: list[int] = []
        closed: dict[int, int] = {}
        for index in code:
            line = lines[index]
            if line.keyword in CLOSES:
                opened.append(index)
                if len(opened) > MAX_NESTING:
                    return False
            elif line.keyword == "END":
                named = line.tokens[0].value
                if not opened or (named is not None and lines[opened[-1]].keyword != named):
                    return False
                closed[opened.pop()] = index
            elif not opened:
                return False
        if opened:
            return False
        self.closed_at |= closed
        return True

    def _witnessed(self, lines: Sequence[Line], code: Sequence[int]) -> None:
        opened: list[int] = []
        skip_to = -1
        lost = False
        spare = sum((lines[i].keyword == "END") - (lines[i].keyword in CLOSES) for i in code)
        for place, index in enumerate(code):
            line = lines[index]
            if index <= skip_to:
                continue
            lost = lost or not (opened or line.keyword in TOP or line.keyword == "END")
            if lost:
                self.outside.add(index)
                continue
            if spare > 0 and line.keyword in _BRANCHES:
                above = lines[code[place - 1]]
                spare -= self._opener_lacks(lines, opened, index, above)
            elif line.keyword in CLOSES:
                if len(opened) >= MAX_NESTING:
                    skip_to = self._too_deep(lines, code[place:])
                    continue
                opened.append(index)
            elif line.keyword == "END":
                self._uncross(lines, opened, code[place : place + 2])
                self._close(lines, opened, index, last=place == len(code) - 1)
        for index in reversed(opened):
            self._lacks(lines, index, code[-1], None)

    def _opener_lacks(
        self, lines: Sequence[Line], opened: list[int], index: int, above: Line
    ) -> bool:
        """A branch whose block was never opened, in a file with a « fin » to spare: open it."""
        line = lines[index]
        block, tokens = _BRANCHES[line.keyword or ""]
        if self._kind(lines, opened[-1]) == block:
            return False
        if not (block == "WAIT" and self._phrase_for_block(above)):
            self._say("R109", line.tokens[0].span, OUT_OF_PLACE[line.keyword or ""])
        self.lacking[index] = tokens
        opened.append(index)
        return True

    def _phrase_for_block(self, line: Line) -> bool:
        """« Attendre pendant 3 jours » where « attendre au plus 3 jours » opens a block: told."""
        use = line.tokens[0].value
        if line.keyword is not None or not isinstance(use, PhraseUse) or use.phrase is None:
            return False
        limit = next((x.text for _, x in use.slots if isinstance(duration(x.text), Duration)), None)
        if use.phrase.kind is not Kind.WAIT or limit is None:
            return False
        instead = f"attendre au plus {limit}"
        message = (
            "Cette phrase n’ouvre pas de bloc : pour attendre l’une des branches qui suivent,"
            f" écrivez « {instead} »."
        )
        self._say("R109", use.span, message, fixes=(Fix(use.span, instead),))
        line.broken = True
        return True

    def _kind(self, lines: Sequence[Line], index: int) -> str:
        """The keyword of the block opened at a line, or lacking before it."""
        if index in self.lacking:
            return self.lacking[index][0]
        return lines[index].keyword or ""

    def _close(self, lines: Sequence[Line], opened: list[int], index: int, *, last: bool) -> None:
        """One « fin »: find what it closes."""
        line = lines[index]
        named = line.tokens[0].value
        depth = self._closes(lines, opened, line)
        if depth is None:
            self._excess(lines, opened, index, named)
            if named is not None and opened:
                self.closed_at[opened.pop()] = index
            return
        if named is None and self._in_excess(lines, opened, line) and not last:
            self._excess(lines, opened, index, named)
            return
        for inner in reversed(opened[depth + 1 :]):
            self._lacks(lines, inner, index - 1, line)
        self.closed_at[opened[depth]] = index
        del opened[depth:]

    def _uncross(self, lines: Sequence[Line], opened: list[int], ends: Sequence[int]) -> None:
        """« fin si » then « fin attendre » for an « attendre » in a « si »: told once, and swapped."""
        if len(ends) < 2 or len(opened) < 2 or lines[ends[1]].keyword != "END":
            return
        first, second = (lines[index].tokens[0] for index in ends)
        inner, outer = (self._kind(lines, opened[depth]) for depth in (-1, -2))
        if inner == outer or (first.value, second.value) != (outer, inner):
            return
        right = f"fin {CLOSES[inner][0]}"
        message = (
            (
                f"Ces deux « fin » sont inversés\u00a0: « {CANONICAL[inner]} », ouvert en dernier, se ferme"
                f" d’abord. Écrivez ici « {right} », et « fin {CLOSES[outer][0]} » ensuite."
            )
            .replace("« ", "«\u00a0")
            .replace(" »", "\u00a0»")
        )
        notes = (Note(lines[opened[-1]].tokens[0].span, f"« {CANONICAL[inner]} » s’ouvre ici"),)
        self._say("R108", first.span, message, notes, (Fix(first.span, right),))
        first.value, second.value = inner, outer
        for index in ends:
            lines[index].broken = True

    def _closes(self, lines: Sequence[Line], opened: list[int], line: Line) -> int | None:
        """The place in `opened` of what this « fin » closes."""
        if not opened:
            return None
        named = line.tokens[0].value
        if named is not None:
            for depth in range(len(opened) - 1, -1, -1):
                if self._kind(lines, opened[depth]) == named:
                    return depth
            return None
        if lines[opened[-1]].indent > line.indent:
            for depth in range(len(opened) - 2, -1, -1):
                if lines[opened[depth]].indent == line.indent:
                    return depth
        return len(opened) - 1

    def _in_excess(self, lines: Sequence[Line], opened: list[int], line: Line) -> bool:
        """A « fin » further in than the block that would end here: it closed a block already."""
        return len(opened) == 1 and line.indent > lines[opened[0]].indent

    def _excess(
        self, lines: Sequence[Line], opened: list[int], index: int, named: str | None
    ) -> None:
        line = lines[index]
        span = line.tokens[0].span
        if named is not None and opened:
            inside = lines[opened[-1]]
            kind = self._kind(lines, opened[-1])
            opener = CANONICAL[kind]
            self._say(
                "R108",
                span,
                f"« {line.tokens[0].shown} » ne correspond à aucun bloc ouvert :"
                f" c’est « {opener} » qui est ouvert ici.",
                (Note(inside.tokens[0].span, f"« {opener} » s’ouvre ici"),),
                (Fix(span, f"fin {CLOSES[kind][0]}"),),
            )
        else:
            self._say("R107", span, "Ce « fin » est en trop : il ne ferme aucun bloc.")
            line.tokens = []
        line.broken = True

    def _lacks(self, lines: Sequence[Line], opener: int, before: int, end: Line | None) -> None:
        """The block opened at `opener` has no « fin »: give it one after the line `before`."""
        line = lines[opener]
        word = CANONICAL[self._kind(lines, opener)]
        notes: tuple[Note, ...] = ()
        if end is not None:
            notes = (Note(end.tokens[0].span, "ce « fin » ferme un bloc plus large"),)
        self._say(
            "R106",
            line.tokens[0].span,
            f"Il manque le « fin » de ce « {word} ».",
            notes,
        )
        place = lines[before].end
        self.missing.setdefault(before, []).append(Token("END", place, place))
        self.closed_at[opener] = before

    def _too_deep(self, lines: Sequence[Line], code: Sequence[int]) -> int:
        """Leave out a block nested too deep; the index of its last line."""
        self._say(
            "R103",
            lines[code[0]].tokens[0].span,
            f"Ce bloc est trop imbriqué (plus de {MAX_NESTING} niveaux) : il n’a pas été lu.",
        )
        depth = 0
        for index in code:
            line = lines[index]
            depth += (line.keyword in CLOSES) - (line.keyword == "END")
            line.tokens = []
            line.broken = True
            if depth <= 0:
                return index
        return code[-1]

    def _say(
        self,
        code: str,
        span: Span,
        message: str,
        notes: tuple[Note, ...] = (),
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, span, message, fixes, notes))
