"""The canonical writing of a script: French restored, two spaces a level, comments kept.

Works on the lines the parser has read, so that a line in error stays exactly as it was written.
Where a block lacks its « fin », indentation is left alone: it is the author's only witness.
"""

import re
from collections.abc import Iterator

from dsl.language.construct import Mode, Role
from dsl.language.fr.constructs import CONSTRUCTS, OPENERS, RULES, SECTIONS, TOP, form, of_role
from dsl.phrases.catalogue import Catalogue
from dsl.read.lines import Line
from dsl.read.parser import Reading, read
from dsl.text.lexer import Comment
from dsl.tree.tokens import Token

_INDENT = "  "
_PARTS = of_role(Role.PART)
_BRANCHES = of_role(Role.BRANCH)


def format_source(source: str, catalogue: Catalogue) -> str:
    """`source` in canonical form; formatting twice changes nothing more."""
    reading = read(source, catalogue)
    if not reading.lines:
        return source
    lines = list(_Layout(source, reading).lines())
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return "\n".join(_single_gaps(lines)) + "\n" if lines else ""


def _single_gaps(lines: list[str]) -> Iterator[str]:
    """Blank lines keep groups apart; one says it as well as three."""
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line


class _Layout:
    """Lays the lines of one source out."""

    def __init__(self, source: str, reading: Reading) -> None:
        self._source = source
        self._reading = reading
        self._kept_indent = not reading.paired
        #: Depth of the body of each open block; the kind of its opener.
        self._open: list[str] = []
        self._in_section = False
        self._in_branch: list[bool] = []

    def lines(self) -> Iterator[str]:
        """Every line of the result; a comment takes the depth of the line it stands above."""
        waiting: list[Line] = []
        for line in self._reading.lines:
            if line.blank:
                waiting.append(line)
                continue
            inside = self._body()
            depth = self._depth(line)
            yield from self._comments(waiting, depth, line, inside)
            waiting = []
            yield from self._line(line, depth)
            self._enter(line)
        yield from self._comments(waiting, len(self._open))

    # --- Depth --------------------------------------------------------------------------

    def _depth(self, line: Line) -> int:
        """The depth of a line, its block closed first if the line is a « fin »."""
        kind = line.keyword
        if kind in TOP and not line.broken:
            self._open.clear()
            self._in_branch.clear()
        if kind not in RULES and kind != "ITEM" and kind is not None:
            self._in_section = False
        if kind is None and not line.broken:
            self._in_section = False
        if kind == "END" and self._open and line.tokens:
            self._open.pop()
            self._in_branch.pop()
            return self._body()
        if (kind in _PARTS or kind == "THEN") and self._open:
            return self._body() - 1
        if kind in _BRANCHES and self._open:
            self._in_branch[-1] = False
            return self._body()
        return self._body() + (kind == "ITEM") * self._item_depth()

    def _body(self) -> int:
        """The depth of a plain line here."""
        return len(self._open) + sum(self._in_branch) + self._in_section

    def _item_depth(self) -> int:
        """Listed conditions stand one level in from « quand », « liste » or « exclusion », at the
        body's level in a block, which is already one in from its « si »."""
        if self._open and CONSTRUCTS[self._open[-1]].mode is Mode.POINTS:
            return 1
        if self._open and self._open[-1] == "IF":
            return 0
        return int(self._in_section or not self._open or self._open[-1] == "CAMPAIGN")

    def _enter(self, line: Line) -> None:
        kind = line.keyword
        if not line.tokens:
            return
        if kind in OPENERS:
            self._open.append(kind or "")
            self._in_branch.append(False)
            self._in_section = False
        elif kind in _BRANCHES and self._open:
            self._in_branch[-1] = True
        elif kind in SECTIONS:
            self._in_section = True

    # --- Writing ------------------------------------------------------------------------

    def _comments(
        self, lines: list[Line], depth: int, below: Line | None = None, inside: int = 0
    ) -> Iterator[str]:
        """Comments stand with the line below; further in than it, with what stands above."""
        for line in lines:
            comment = line.parts[0][1] if line.parts else None
            if comment is None:
                yield ""
            elif self._kept_indent:
                yield self._source[line.start : line.end].rstrip()
            else:
                further = below is not None and _column(self._source, line) > below.indent
                own = max(depth, inside) if further else depth
                yield _INDENT * own + _comment(self._source, comment)

    def _line(self, line: Line, depth: int) -> Iterator[str]:
        if line.broken or (line.keyword == "THEN" and not line.parts):
            yield from self._untouched(line)
            return
        indent = _INDENT * depth
        if line.letter is not None and self._kept_indent:
            yield from self._untouched(line)
            return
        if self._kept_indent:
            written = self._source[line.start : line.end]
            indent = written[: len(written) - len(written.lstrip())].lstrip("\ufeff")
        if line.keyword == "THEN":
            yield indent + self._with_comment(form("THEN"), line.parts[0][1])
            return
        begin = line.start
        for number, (end, comment) in enumerate(line.parts):
            tokens = [token for token in line.tokens if begin <= token.start < max(end, begin + 1)]
            begin = end
            text = _joined(tokens)
            if not text and comment is None:
                continue
            pad = indent if number == 0 else indent + _INDENT * 2
            yield (pad + self._with_comment(text, comment)).rstrip()
        if line.letter is not None:
            for text in line.letter.text.split("\n"):
                yield f"{indent}{_INDENT}{text}".rstrip()
            yield f"{indent}{form('END')}"

    def _with_comment(self, text: str, comment: Comment | None) -> str:
        if comment is None:
            return text
        written = _comment(self._source, comment)
        return f"{text}  {written}" if text else written

    def _untouched(self, line: Line) -> Iterator[str]:
        """A line in error, to the letter; only its end of line is made like the others."""
        yield from re.split(r"\r\n|\r|\n", self._source[line.start : line.end])


def _column(source: str, line: Line) -> int:
    text = source[line.start : line.end]
    return len(text[: len(text) - len(text.lstrip())].replace("\t", "    "))


def _comment(source: str, comment: Comment) -> str:
    text = source[comment.start : comment.end].rstrip()
    return text if text[1:2] in ("", " ", "#", "!") else f"# {text[1:].lstrip()}"


def _joined(tokens: list[Token]) -> str:
    """Tokens with French spacing."""
    text = ""
    for token in tokens:
        if not token.shown:
            continue
        glued = token.type in ("_COMMA", "_CLOSE") or text.endswith("[") or not text
        text += token.shown if glued else f" {token.shown}"
    return text
