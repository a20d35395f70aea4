"""Source to script: reads every line, pairs blocks, drives the LALR parser, reports everything."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from typing import Any, cast

from lark import Lark, UnexpectedToken
from lark.lexer import Lexer

from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.language.fr.keywords import CANONICAL
from dsl.phrases.catalogue import Catalogue
from dsl.read.blocks import Blocks
from dsl.read.expected import OUTSIDE, incomplete, out_of_place
from dsl.read.letters import Letter, letters
from dsl.read.lines import Line, read_lines
from dsl.read.postlexer import Postlexer
from dsl.read.recovery import after, path_to_line_end, stand_in
from dsl.tree.builder import Builder
from dsl.tree.nodes import PhraseUse, Script
from dsl.tree.tokens import Token
from relance.french import quoted

MAX_SOURCE = 1_048_576


@dataclass(frozen=True, slots=True)
class Parsed:
    """A script as far as it could be read, and what is wrong with it, in source order."""

    script: Script
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the formatter needs besides the tree: the lines with their tokens."""

    parsed: Parsed
    lines: tuple[Line, ...]
    #: Whether every block has its « fin ».
    paired: bool


def _not_within(outside: Sequence[Line], found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """What is wrong with lines that no block holds is that: the rest would be guesses."""
    starts = [line.start for line in outside]
    kept = []
    for one in found:
        place = bisect_right(starts, one.span.start) - 1
        if place < 0 or one.span.start > outside[place].end:
            kept.append(one)
    return kept


class _NoLexer(Lexer):
    """Tokens are fed by hand."""

    def __init__(self, conf: Any) -> None: ...

    def lex(self, lexer_state: Any, parser_state: Any) -> Any:
        """Never called."""
        return iter(())


@cache
def _grammar() -> Lark:
    text = files("dsl").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        text, parser="lalr", lexer=_NoLexer, transformer=Builder(), maybe_placeholders=False
    )


def parse(source: str, catalogue: Catalogue) -> Parsed:
    """Read a script. Never raises: what is wrong is in the diagnostics."""
    return read(source, catalogue).parsed


def read(source: str, catalogue: Catalogue) -> Reading:
    """Read a script and keep its lines."""
    if len(source.encode("utf-8", "surrogatepass")) > MAX_SOURCE:
        too_big = Diagnostic(
            "R101",
            Severity.ERROR,
            Span(0, 0),
            "Ce fichier est trop gros (plus de 1 Mio) : il n’a pas été lu."
            " Séparez ses campagnes en plusieurs fichiers.",
        )
        return Reading(Parsed(Script(()), (too_big,)), (), paired=False)
    lines = read_lines(source, letters(source, catalogue))
    postlexer = Postlexer(source, catalogue)
    written = [line for line in lines if line.lexemes or line.too_long]
    for line, following in zip_longest(written, written[1:]):
        postlexer.read(line, following)
        if line.letter is not None:
            _hold(line, line.letter)
    blocks = Blocks()
    blocks.pair(lines)
    driver = _Driver(lines, blocks)
    script = driver.run(len(source))
    outside = [lines[index] for index in sorted(blocks.outside)]
    told = _not_within(outside, [*postlexer.diagnostics, *_unclosed(lines)])
    found = [*told, *blocks.diagnostics, *driver.diagnostics]
    found.sort(key=lambda diagnostic: (diagnostic.span, diagnostic.code))
    return Reading(Parsed(script, tuple(found)), tuple(lines), not blocks.unpaired)


def _hold(line: Line, letter: Letter) -> None:
    """Give the phrase of a line the text it writes in place."""
    for token in line.tokens:
        if isinstance(token.value, PhraseUse):
            token.value = replace(token.value, letter=letter.text)


def _unclosed(lines: Sequence[Line]) -> Iterator[Diagnostic]:
    for line in lines:
        if line.letter is not None and not line.letter.closed:
            line.broken = True
            name = quoted(line.letter.words)
            message = (
                f"Le texte de {name} n’a pas de fin : écrivez « fin » sous lui, au même retrait que "
                "la phrase qui l’envoie, et le texte un peu plus à droite."
            )
            yield Diagnostic(
                "R118", Severity.ERROR, Span(line.lexemes[0].start, line.lexemes[-1].end), message
            )


#: After a line left out, the lines that only make sense with it are left out too.
_FOLLOWERS = {
    "ENTRY": frozenset({"WHEN", "AFTER"}),
    "EXIT_WON": frozenset({"WHEN", "AFTER"}),
    "EXIT_LOST": frozenset({"WHEN", "AFTER"}),
    "ITEM": frozenset({"ITEM"}),
    "WHEN": frozenset({"WHEN", "AFTER"}),
    "AFTER": frozenset({"WHEN", "AFTER"}),
    "SHARE": frozenset({"SHARE"}),
}


_STATEMENTS = frozenset(
    {"PHRASE", "IF", "WAIT", "WAIT_THAT", "STEP", "GOTO", "REPEAT", "QUIT", "SPLIT"}
)


class _Driver:
    """Feeds the parser line by line."""

    def __init__(self, lines: list[Line], blocks: Blocks) -> None:
        self._lines = lines
        self._blocks = blocks
        self._parser = _grammar().parse_interactive().parser_state
        self._states = self._parser.parse_conf.states
        self._skip_to = -1
        self._unwanted: frozenset[str] = frozenset()
        self.diagnostics: list[Diagnostic] = []

    def run(self, length: int) -> Script:
        """Feed every line, then the end of the file."""
        outside_said = False
        for index, line in enumerate(self._lines):
            if line.tokens and index > self._skip_to:
                if index in self._blocks.outside:
                    if not outside_said:
                        self._say("R109", line.tokens[0].span, OUTSIDE)
                    outside_said = True
                    line.broken = True
                else:
                    outside_said = False
                    self._line(index, line)
            for end in self._blocks.missing.get(index, ()):
                if index > self._skip_to or index == self._skip_to:
                    self._added_end(end)
        try:
            return cast(Script, self._parser.feed_token(_token("$END", length), True))
        except UnexpectedToken:  # pragma: no cover — blocks are paired before parsing
            return Script(())

    def _line(self, index: int, line: Line) -> None:
        first = line.tokens[0]
        if first.type in self._unwanted:
            line.broken = True
            self._skip_to = max(self._skip_to, self._blocks.closed_at.get(index, -1))
            return
        self._unwanted = frozenset()
        for kind in self._blocks.lacking.get(index, ()):
            self._parser.feed_token(cast(Any, stand_in(kind, first.start)))
        # Looked at before it is fed: a token out of place would make the parser close blocks.
        stands = self._stands(first.type) or self._items_lacking(first)
        if not (stands or self._meant(line, first)):
            self._leave_out(index, line)
            return
        for token in line.tokens:
            try:
                self._parser.feed_token(cast(Any, token))
            except UnexpectedToken as problem:
                self._complete(line, token, problem)
                return
        self._line_end(line)

    def _stands(self, kind: str) -> bool:
        return after(self._states, self._parser.state_stack, kind) is not None

    def _meant(self, line: Line, first: Token) -> bool:
        """« quand » and « sinon » in a wait are read as the words of its branches, and told."""
        meant = {"WHEN": "AS_SOON", "ELSE": "TIMEOUT"}.get(first.type)
        if meant is None or not self._stands(meant):
            return False
        word = CANONICAL[meant]
        if not line.broken:
            message = f"Dans un bloc « attendre », écrivez « {word} » au lieu de « {first.shown} »."
            fix = Fix(first.span, word, compared=True)
            self.diagnostics.append(Diagnostic("R109", Severity.ERROR, first.span, message, (fix,)))
        line.broken = True
        line.keyword = first.type = meant
        return True

    def _items_lacking(self, first: Token) -> bool:
        """« toutes ces conditions » with none below: say so, and go on as if there was one."""
        if not self._stands("ITEM") or self._stands("PHRASE"):
            return False
        if first.start != first.end:
            self._say("R109", first.span, out_of_place(first, self._possible()))
        for kind in ("ITEM", "PHRASE", "_NL"):
            self._parser.feed_token(cast(Any, stand_in(kind, first.start)))
        return self._stands(first.type)

    def _line_end(self, line: Line) -> None:
        end = line.tokens[-1].end
        try:
            self._parser.feed_token(_token("_NL", end))
        except UnexpectedToken as problem:
            self._complete(line, Token("_NL", end, end), problem)

    def _leave_out(self, index: int, line: Line) -> None:
        """A line that cannot begin here: left out, with the block it opens."""
        first = line.tokens[0]
        if not line.broken and first.type != "_BAD":
            self._say("R109", first.span, out_of_place(first, self._possible()))
        line.broken = True
        self._unwanted = _FOLLOWERS.get(first.type, frozenset())
        if first.type in _STATEMENTS and not self._stands("PHRASE"):
            self._unwanted = _STATEMENTS
        if any(token.type == "LISTED" for token in line.tokens):
            self._unwanted |= {"ITEM"}
        self._skip_to = max(self._skip_to, self._blocks.closed_at.get(index, -1))

    def _possible(self) -> set[str]:
        stack = self._parser.state_stack
        return {kind for kind in self._states[stack[-1]] if after(self._states, stack, kind)}

    def _complete(self, line: Line, token: Token, problem: UnexpectedToken) -> None:
        """Report a line that goes wrong midway, and bring the parser to its end."""
        wanted = problem.expected or set()
        if not line.broken:
            if "_NL" in wanted:
                self._say("R111", token.span, "Cette ligne devait s’arrêter avant ceci.")
            else:
                at_end = token.type == "_NL"
                span = line.tokens[-1].span if at_end else token.span
                self._say("R110", span, incomplete(wanted, at_end=at_end))
        line.broken = True
        path = path_to_line_end(self._states, self._parser.state_stack) or []
        for kind in path:
            self._parser.feed_token(cast(Any, stand_in(kind, token.start)))
        self._parser.feed_token(_token("_NL", token.end))

    def _added_end(self, end: Token) -> None:
        """The « fin » of a block that has none."""
        if self._stands("END") or self._items_lacking(end):
            self._parser.feed_token(cast(Any, end))
            self._parser.feed_token(_token("_NL", end.end))

    def _say(self, code: str, span: Span, message: str) -> None:
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, span, message))


def _token(kind: str, place: int) -> Any:
    return Token(kind, place, place)
