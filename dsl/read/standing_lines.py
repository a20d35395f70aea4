"""Lines of the blocks outside campaigns: « +5 quand … », a tracked link's address and its details."""

import re
from difflib import get_close_matches

from dsl.diagnostics import Fix, Span
from dsl.help.quotation import quoted
from dsl.language.fr.fold import fold_word
from dsl.language.fr.keywords import CANONICAL
from dsl.read.lines import Line
from dsl.read.slips import SlipReader
from dsl.text.lexer import Lexeme, closer_of, inner
from dsl.tree.nodes import LinkDetail, Text
from dsl.tree.tokens import Token

_POINT_FORM = "Une ligne de points s’écrit «\u00a0+5 quand Formulaire (X) rempli\u00a0»."
_DETAIL_FORM = "Une ligne de «\u00a0lien suivi\u00a0» s’écrit «\u00a0source : infolettre\u00a0»."


class StandingReader(SlipReader):
    """Reads them into tokens."""

    def _point(self, line: Line) -> None:
        """« +5 quand … », its sign and its number as written: the checker reads them."""
        word = CANONICAL["WHEN"]
        lexemes = line.lexemes
        if not line.rest and not self._lost_when(line):
            return
        when = next(i for i in range(line.rest - 1, -1, -1) if lexemes[i].key)
        start = lexemes[0].start
        change = Text("", Span(start, start))
        if when:
            counted = when > 1 and lexemes[when - 1].key == fold_word("points")
            span = Span(start, lexemes[when - 1 - counted].end)
            written = " ".join(self._source[span.start : span.end].split())
            change = Text(re.sub(r"^([-+=−]) ", r"\1", written), span)
        else:
            span = Span(start, lexemes[when].end)
            message = f"Dites combien de points donner ou retirer : «\u00a0+5 {word} …\u00a0»."
            self._report(line, "R110", span, message)
        shown = f"{change.text} {word}".strip()
        line.tokens = [Token("POINT", start, lexemes[line.rest - 1].end, change, shown)]
        self._conditions(line, line.rest)

    def _lost_when(self, line: Line) -> bool:
        """« +5 quadn Formulaire (X) rempli »: where the condition begins, if it can be told."""
        first = next((i for i, x in enumerate(line.lexemes) if x.kind == "w"), None)
        start, end = line.lexemes[0].start, line.lexemes[-1].end
        if first is not None:
            lexeme = line.lexemes[first]
            word = CANONICAL["WHEN"]
            span = Span(lexeme.start, lexeme.end)
            if lexeme.key == "si" or get_close_matches(lexeme.key, [word, "lorsque"], cutoff=0.75):
                written = quoted(self._source[span.start : span.end])
                message = f"Je lis {written} ; le mot du langage est «\u00a0{word}\u00a0»."
                self._report(line, "R116", span, message, (Fix(span, word),))
                line.rest = first + 1
                return True
            if self._catalogue.longest(self._source, line.lexemes, first) is not None:
                colon = first and line.lexemes[first - 1].key == ":"
                here = Span(line.lexemes[first - 1].start if colon else lexeme.start, lexeme.start)
                message = f"Il manque le mot «\u00a0{word}\u00a0» après les points."
                self._report(line, "R110", Span(start, end), message, (Fix(here, f"{word} "),))
        self._report(line, "R110", Span(start, end), _POINT_FORM)
        change = Text("", Span(start, start))
        line.tokens = [Token("POINT", start, start, change), Token("_BAD", start, end)]
        return False

    def _link_url(self, line: Line, lexeme: Lexeme) -> None:
        """The address of « lien suivi », to the letter."""
        text = self._undelimited(lexeme)
        line.tokens.append(Token("URL", lexeme.start, lexeme.end, text, text.text))

    def _detail(self, line: Line) -> None:
        """« source : infolettre »."""
        lexemes = line.lexemes
        start, end = lexemes[0].start, lexemes[-1].end
        colon = next((i for i, x in enumerate(lexemes) if x.kind == "p" and x.key == ":"), None)
        whole = Span(start, end)
        made = LinkDetail(Text("", whole), Text("", whole), whole)
        shown = ""
        if not colon or colon + 2 != len(lexemes):
            self._report(line, "R110", whole, _DETAIL_FORM)
        else:
            span = Span(start, lexemes[colon - 1].end)
            name = Text(" ".join(self._source[span.start : span.end].split()), span)
            value = self._undelimited(lexemes[-1])
            made = LinkDetail(name, value, whole)
            shown = f"{name.text} : {self._source[lexemes[-1].start : end]}"
        line.tokens = [Token("DETAIL", start, end, made, shown)]

    def _undelimited(self, lexeme: Lexeme) -> Text:
        """A value read to the letter, the signs around it taken off."""
        start, end = lexeme.start, lexeme.end
        if end - start > 1 and closer_of(self._source[start]) == self._source[end - 1]:
            start, end = inner(self._source, start, end)
        return Text(self._source[start:end], Span(start, end))
