"""What the readers of a line share: the source, the catalogue, tokens, and saying what is wrong once."""

from collections.abc import Sequence

from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.help.quotation import quoted
from dsl.help.suggestions import Suggestions
from dsl.phrases.catalogue import STATEMENTS, Catalogue
from dsl.phrases.trie import Found, capture
from dsl.read import keywords
from dsl.read.lines import Line
from dsl.text.lexer import Lexeme
from dsl.tree.tokens import Token

SIGNS = {"[": "_OPEN", "]": "_CLOSE", ",": "_COMMA", ":": "_COLON"}


_STATEMENTS = frozenset({"STEP", "GOTO", "QUIT", "REPEAT", "SPLIT", "WAIT", "WAIT_THAT", "IF"})


class Reader:
    """Turns stretches of a line into tokens."""

    def __init__(self, source: str, catalogue: Catalogue) -> None:
        self._source = source
        self._catalogue = catalogue
        self._first_words = catalogue.first_words()
        self._suggestions = Suggestions(catalogue, source)
        self.diagnostics: list[Diagnostic] = []

    def _tok(
        self, kind: str, line: Line, index: int, found: Found[str], value: object, shown: str
    ) -> Token:
        return Token(kind, line.lexemes[index].start, line.lexemes[found.end - 1].end, value, shown)

    def _sign(self, lexeme: Lexeme) -> Token:
        return Token(SIGNS[lexeme.key], lexeme.start, lexeme.end, shown=lexeme.key)

    def _name(self, lexeme: Lexeme, *, round_ones: bool) -> Token:
        held = capture(self._source, lexeme)
        text = held.text.text
        shown = held.raw
        if round_ones and not set(text) & set("()"):
            shown = f"({text})"
        elif not round_ones and "»" not in text and text:
            shown = f"«\u00a0{text}\u00a0»"
        return Token("TEXT", lexeme.start, lexeme.end, held.text, shown)

    def _argument(self, line: Line, index: int, keyword: str) -> int | None:
        trie = keywords.ARGUMENTS.get(keyword)
        found = trie.longest(self._source, line.lexemes, index) if trie else None
        if found is None:
            return None
        text = found.captured[0]
        kind = found.value
        shown = {"ATMOST": f"au plus {text.raw}", "TIMES": f"{text.raw} fois au plus"}
        line.tokens.append(
            self._tok(kind, line, index, found, text.text, shown.get(kind, text.raw))
        )
        return found.end

    def _excess(self, line: Line, rest: Sequence[Lexeme]) -> None:
        span = Span(rest[0].start, rest[-1].end)
        written = quoted(self._source[span.start : span.end])
        if self._is_another(rest):
            self._crowded(line, rest)
            return
        self._report(line, "R111", span, f"Je ne comprends pas {written} ici.")
        line.tokens.append(Token("_BAD", span.start, span.end))

    def _crowded(self, line: Line, rest: Sequence[Lexeme]) -> None:
        """A second thing to do on the same line."""
        span = Span(rest[0].start, rest[-1].end)
        first = rest[1] if rest[0].key in (",", "et") and len(rest) > 1 else rest[0]
        written = quoted(self._source[first.start : span.end])
        message = f"Écrivez une seule chose par ligne\u00a0: mettez {written} à la ligne suivante."
        self._report(line, "R111", span, message)
        line.tokens.append(Token("_BAD", span.start, span.end))

    def _is_another(self, words: Sequence[Lexeme]) -> bool:
        """Whether words begin, after « , » or « et », with another action or keyword."""
        rest = words[1:] if words[0].key in (",", "et") else words
        if not rest:
            return False
        found = self._catalogue.longest(self._source, rest, 0)
        if found is not None and found.value.phrase.kind in STATEMENTS:
            return True
        lead = keywords.leading(list(rest))
        return lead is not None and lead[0] in _STATEMENTS

    def _report(
        self,
        line: Line,
        code: str,
        span: Span,
        message: str,
        fixes: tuple[Fix, ...] = (),
        *,
        plain: str | None = None,
    ) -> None:
        """Say what is wrong with a line, unless something was said of it already."""
        if not line.broken or line.too_long:
            self.diagnostics.append(
                Diagnostic(code, Severity.ERROR, span, message, fixes, plain=plain)
            )
        line.broken = True
