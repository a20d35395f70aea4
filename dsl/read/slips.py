"""Lines that say one thing for another: read as what was meant, and told once with what to write."""

from collections.abc import Sequence
from difflib import get_close_matches

from dsl.diagnostics import Fix, Span
from dsl.help.quotation import quoted
from dsl.language.fr.keywords import CANONICAL
from dsl.language.fr.values import duration as read_duration
from dsl.phrases.bare import duration
from dsl.phrases.catalogue import DECISIONS, Catalogue
from dsl.phrases.trie import capture
from dsl.read import keywords
from dsl.read.conditions import ConditionReader
from dsl.read.lines import Line
from dsl.text.lexer import Lexeme
from dsl.tree.nodes import Text
from dsl.tree.tokens import Token
from relance.values import Duration

#: What at the same indent shows that a « si » opens a block.
_OF_IF = frozenset({"ELSE", "ELSIF", "END", "ITEM"})
#: What may stand around the limit of a wait, and says nothing else.
_OF_LIMIT = frozenset({"pendant", "durant", "a", "jusque", "maximum", "max", "de"})
_SECTIONS = frozenset({"ENTRY", "EXIT_WON", "EXIT_LOST"})


class SlipReader(ConditionReader):
    """Reads a line by what stands around it."""

    def __init__(self, source: str, catalogue: Catalogue) -> None:
        super().__init__(source, catalogue)
        #: The keyword of the line before, and the line after.
        self._before: str | None = None
        self._following: Line | None = None

    def _undashed(self, line: Line) -> None:
        """« - Envoyer courriel (X) », outside any list of conditions: the dash is one too many."""
        rest = line.lexemes[line.rest :]
        found = keywords.leading(rest)
        if found is None and not (rest and self._is_another(rest)):
            return
        dash, then = line.lexemes[0], rest[0].start
        message = (
            f"Le signe {quoted(self._source[dash.start : dash.end])} ne précède que les conditions"
            " d’une liste\u00a0: retirez-le."
        )
        self._report(
            line, "R105", Span(dash.start, dash.end), message, (Fix(Span(dash.start, then), ""),)
        )
        line.lexemes = rest
        line.keyword, line.rest = found or (None, 0)

    def _on_one_line(self, line: Line) -> bool:
        """« si X : Changer pointage (+1) », with no block below that the « si » would open."""
        below = self._following
        if below is not None and below.indent > line.indent:
            return False
        if below is not None and below.indent == line.indent and below.keyword in _OF_IF:
            return False
        return any(
            lexeme.key in (":", "alor", ",")
            and index + 1 < len(line.lexemes)
            and self._is_another(line.lexemes[index + 1 :])
            for index, lexeme in enumerate(line.lexemes)
        )

    def _spread(self, line: Line) -> None:
        span = Span(line.lexemes[0].start, line.lexemes[-1].end)
        message = (
            "Un «\u00a0si\u00a0» s’écrit sur plusieurs lignes\u00a0: la condition, puis ce qu’il faut faire, une"
            " chose par ligne, puis «\u00a0fin\u00a0»."
        )
        self._report(line, "R111", span, message)
        line.keyword = None
        line.tokens = [Token("_BAD", span.start, span.end)]

    def _lacks_when(self, line: Line) -> bool:
        """Whether a line is a condition of « entrée », or of an exit, without its « quand »."""
        if self._before in _SECTIONS and line.keyword in ("IF", "AS_SOON"):
            return True
        if line.keyword is not None or self._before not in (*_SECTIONS, "WHEN", "AFTER"):
            return False
        found = self._catalogue.longest(self._source, line.lexemes, 0)
        return found is not None and found.value.phrase.kind in DECISIONS

    def _when_lacks(self, line: Line) -> None:
        word = CANONICAL["WHEN"]
        start = line.lexemes[0].start
        span = Span(start, line.lexemes[line.rest - 1].end if line.rest else start)
        message = f"Sous « entrée » et les sorties, chaque condition commence par {quoted(word)}."
        fix = Fix(span, word if line.rest else f"{word} ")
        shown = span if line.rest else Span(start, line.lexemes[-1].end)
        self._report(line, "R109", shown, message, (fix,))
        line.keyword = "WHEN"
        line.tokens = [Token("WHEN", span.start, span.end, shown=word)]
        self._conditions(line, line.rest)

    def _misspelt(self, line: Line, keyword: str, end: int) -> None:
        span = Span(line.lexemes[0].start, line.lexemes[end - 1].end)
        fixes: tuple[Fix, ...] = (Fix(span, keyword, compared=True),)
        hint = ""
        if keyword == CANONICAL["REPEAT"] and all(x.kind != "n" for x in line.lexemes):
            # « tant que … » has no bound to keep: only its author knows how many times.
            fixes, hint = (), f" Dites combien de fois\u00a0: {quoted('répéter … fois au plus')}."
        self._report(
            line,
            "R116",
            span,
            f"Je lis {quoted(self._source[span.start : span.end])} ;"
            f" le mot du langage est « {keyword} ».{hint}",
            fixes,
        )

    def _unbounded(self, line: Line, rest: Sequence[Lexeme]) -> bool:
        """« attendre 3 jours » above branches: how long such a block may last is said with « au plus »."""
        for index in range(len(rest)):
            end = duration(self._source, rest, index)
            text = self._source[rest[index].start : rest[(end or index + 1) - 1].end]
            if end is None and rest[index].kind == "t":
                text = capture(self._source, rest[index]).text.text
                end = index + 1 if isinstance(read_duration(text), Duration) else None
            if end is not None and not _said_more([*rest[:index], *rest[end:]]):
                span = Span(rest[0].start, rest[-1].end)
                fix = f"au plus {text}"
                message = f"La limite d’un bloc « attendre » s’écrit {quoted(fix)}."
                self._report(line, "R111", span, message, (Fix(span, fix),))
                line.tokens.append(Token("ATMOST", span.start, span.end, Text(text, span)))
                return True
        return False

    def _near_verify(self, line: Line, lexeme: Lexeme) -> bool:
        """« vérifiez », « vérifie »: told, and read as « vérifier »."""
        if lexeme.kind != "w" or not get_close_matches(lexeme.key, ["verifier"], cutoff=0.85):
            return False
        word = CANONICAL["VERIFY"]
        span = Span(lexeme.start, lexeme.end)
        written = quoted(self._source[span.start : span.end])
        message = f"Je lis {written} ; le mot du langage est «\u00a0{word}\u00a0»."
        self._report(line, "R116", span, message, (Fix(span, word),))
        return True


def _said_more(words: Sequence[Lexeme]) -> bool:
    """Whether what stands around a duration says something of it: « plus de », « avant (fin) »."""
    return any(word.key and word.key not in _OF_LIMIT for word in words)


def branches(line: Line, following: Line | None) -> bool:
    """Whether the line below, further in, begins a branch of a wait."""
    if following is None or following.indent <= line.indent:
        return False
    return following.keyword in ("AS_SOON", "TIMEOUT", "WHEN")
