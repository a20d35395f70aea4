"""Source to script: reads every line, pairs blocks, drives the LALR parser, reports everything."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, cast

from lark import Lark, UnexpectedToken
from lark.lexer import Lexer

from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.language.fr.constructs import CONSTRUCTS, RULES, SECTIONS, STATEMENTS, form
from dsl.phrases.catalogue import Catalogue
from dsl.read.blocks import Blocks
from dsl.read.expected import OUTSIDE, incomplete, out_of_place
from dsl.read.letters import letters
from dsl.read.lines import Line, read_lines
from dsl.read.postlexer import read_tokens
from dsl.read.recovery import after, path_to_line_end, stand_in
from dsl.read.sentence import SentenceSource, span_of
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
    written = read_lines(source, letters(source, catalogue))
    lines, found = read_tokens(SentenceSource.of(source, catalogue), written)
    blocks = Blocks(map(_holding, lines))
    driver = _Driver(blocks)
    script = driver.run(len(source))
    lines, unclosed = _unclosed(driver.lines)
    outside = [lines[index] for index in sorted(blocks.outside)]
    diagnostics = _not_within(outside, [*found, *unclosed])
    diagnostics += [*blocks.diagnostics, *driver.diagnostics]
    diagnostics.sort(key=lambda diagnostic: (diagnostic.span, diagnostic.code))
    return Reading(Parsed(script, tuple(diagnostics)), tuple(lines), not blocks.unpaired)


def _holding(line: Line) -> Line:
    """The line with the text it writes in place given to its phrase."""
    if line.letter is None:
        return line
    tokens = (
        token._replace(value=replace(token.value, letter=line.letter.text))
        if isinstance(token.value, PhraseUse)
        else token
        for token in line.tokens
    )
    return line._replace(tokens=tuple(tokens))


def _unclosed(lines: Sequence[Line]) -> tuple[list[Line], list[Diagnostic]]:
    """What is wrong with texts written in place that no « fin » closes; the lines, marked so."""
    kept: list[Line] = []
    found: list[Diagnostic] = []
    for line in lines:
        if line.letter is None or line.letter.closed:
            kept.append(line)
            continue
        kept.append(line._replace(broken=True))
        message = (
            f"Le texte de {quoted(line.letter.words)} n’a pas de fin : écrivez « fin » sous lui, au même retrait que "
            "la phrase qui l’envoie, et le texte un peu plus à droite."
        )
        found.append(Diagnostic("R118", Severity.ERROR, span_of(line.lexemes), message))
    return kept, found


_STATEMENTS = STATEMENTS | {"PHRASE"}


def _followers(kind: str) -> frozenset[str]:
    """After a line left out, the lines that only make sense with it are left out too."""
    if kind in SECTIONS or kind in RULES:
        return RULES
    return frozenset({kind}) if kind in ("ITEM", "SHARE") else frozenset()


class _Driver:
    """Feeds the parser line by line."""

    def __init__(self, blocks: Blocks) -> None:
        #: As they are once the parser has been over them.
        self.lines = list(blocks.lines)
        self._blocks = blocks
        self._parser = _grammar().parse_interactive().parser_state
        self._states = self._parser.parse_conf.states
        #: It asks of a token its type, which ours has.
        self._feed: Callable[..., Any] = self._parser.feed_token
        self._skip_to = -1
        self._unwanted: frozenset[str] = frozenset()
        self.diagnostics: list[Diagnostic] = []

    def run(self, length: int) -> Script:
        """Feed every line, then the end of the file."""
        outside_said = False
        for index, line in enumerate(self._blocks.lines):
            if line.tokens and index > self._skip_to:
                if index in self._blocks.outside:
                    if not outside_said:
                        self._say("R109", line.tokens[0].span, OUTSIDE)
                    outside_said = True
                    self._break(index)
                else:
                    outside_said = False
                    self._line(index, line)
            for end in self._blocks.missing.get(index, ()):
                if index > self._skip_to or index == self._skip_to:
                    self._added_end(end)
        try:
            return cast(Script, self._feed(_token("$END", length), True))
        except UnexpectedToken:  # pragma: no cover — blocks are paired before parsing
            return Script(())

    def _line(self, index: int, line: Line) -> None:
        first = line.tokens[0]
        if first.type in self._unwanted:
            self._break(index)
            self._skip_to = max(self._skip_to, self._blocks.closed_at.get(index, -1))
            return
        self._unwanted = frozenset()
        for kind in self._blocks.lacking.get(index, ()):
            self._feed(stand_in(kind, first.start))
        # Looked at before it is fed: a token out of place would make the parser close blocks.
        stands = self._stands(first.type) or self._items_lacking(first)
        if not (stands or self._meant(index, first)):
            self._leave_out(index, line)
            return
        tokens = self.lines[index].tokens
        end = tokens[-1].end
        for token in (*tokens, Token("_NL", end, end)):
            try:
                self._feed(token)
            except UnexpectedToken as problem:
                self._complete(index, token, problem)
                return

    def _stands(self, kind: str) -> bool:
        return after(self._states, self._parser.state_stack, kind) is not None

    def _meant(self, index: int, first: Token) -> bool:
        """« quand » and « sinon » in a wait are read as the words of its branches, with a diagnostic."""
        row = CONSTRUCTS.get(first.type)
        meant = row.taken_for if row is not None else None
        if meant is None or not self._stands(meant):
            return False
        word = form(meant)
        line = self.lines[index]
        if not line.broken:
            message = f"Dans un bloc « attendre », écrivez « {word} » au lieu de « {first.shown} »."
            fix = Fix(first.span, word, compared=True)
            self.diagnostics.append(Diagnostic("R109", Severity.ERROR, first.span, message, (fix,)))
        tokens = (first._replace(type=meant), *line.tokens[1:])
        self.lines[index] = line._replace(keyword=meant, tokens=tokens, broken=True)
        return True

    def _items_lacking(self, first: Token) -> bool:
        """« toutes ces conditions » with none below: say so, and go on as if there was one."""
        if not self._stands("ITEM") or self._stands("PHRASE"):
            return False
        if first.start != first.end:
            self._say("R109", first.span, out_of_place(first, self._possible()))
        for kind in ("ITEM", "PHRASE", "_NL"):
            self._feed(stand_in(kind, first.start))
        return self._stands(first.type)

    def _leave_out(self, index: int, line: Line) -> None:
        """A line that cannot begin here: left out, with the block it opens."""
        first = line.tokens[0]
        if not line.broken and first.type != "_BAD":
            self._say("R109", first.span, out_of_place(first, self._possible()))
        self._break(index)
        self._unwanted = _followers(first.type)
        if first.type in _STATEMENTS and not self._stands("PHRASE"):
            self._unwanted = _STATEMENTS
        if any(token.type == "LISTED" for token in line.tokens):
            self._unwanted |= {"ITEM"}
        self._skip_to = max(self._skip_to, self._blocks.closed_at.get(index, -1))

    def _possible(self) -> set[str]:
        stack = self._parser.state_stack
        return {kind for kind in self._states[stack[-1]] if after(self._states, stack, kind)}

    def _complete(self, index: int, token: Token, problem: UnexpectedToken) -> None:
        """Report a line that goes wrong midway, and bring the parser to its end."""
        wanted = problem.expected or set()
        line = self.lines[index]
        if not line.broken:
            if "_NL" in wanted:
                self._say("R111", token.span, "Cette ligne devait s’arrêter avant ceci.")
            else:
                at_end = token.type == "_NL"
                span = line.tokens[-1].span if at_end else token.span
                self._say("R110", span, incomplete(wanted, at_end=at_end))
        self._break(index)
        path = path_to_line_end(self._states, self._parser.state_stack) or []
        for kind in path:
            self._feed(stand_in(kind, token.start))
        self._feed(_token("_NL", token.end))

    def _added_end(self, end: Token) -> None:
        """The « fin » of a block that has none."""
        if self._stands("END") or self._items_lacking(end):
            self._feed(end)
            self._feed(_token("_NL", end.end))

    def _break(self, index: int) -> None:
        """Mark a line as one of which something was said."""
        self.lines[index] = self.lines[index]._replace(broken=True)

    def _say(self, code: str, span: Span, message: str) -> None:
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, span, message))


def _token(kind: str, place: int) -> Token:
    return Token(kind, place, place)
