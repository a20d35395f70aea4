"""Lines to the tokens of the grammar: keywords, phrases, names; every word is accounted for.

Words that mean nothing are reported here, once, and handed to the parser as what was expected
(a phrase that is none), so that one slip is one diagnostic.
"""

from collections.abc import Sequence
from difflib import get_close_matches

from dsl import keywords
from dsl.brackets import close_brackets, mixed_operators
from dsl.catalogue import DECISIONS, STATEMENTS, Catalogue, Entry
from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.fold import fold
from dsl.keywords import CANONICAL, HEADERS
from dsl.lexer import Lexeme, closer_of, inner
from dsl.lines import Line, Mode
from dsl.nodes import AtStepUse, Every, HeaderLine, Moment, PhraseUse, Qualifier, Text
from dsl.records import read_field, read_lead
from dsl.suggestions import Suggestions, near_keyword, near_listed, quoted
from dsl.tree import Tok
from dsl.trie import Captured, Found, capture
from relance.phrase import Kind

_ASKING = frozenset({"WHEN", "IF", "ELSIF", "AS_SOON", "WAIT_THAT", "ITEM"})
_NAMING = frozenset({"CAMPAIGN", "SCENARIO", "STEP", "GOTO", "SPLIT", "SHARE", "QUIT"})
_BOUNDED = frozenset({"AFTER", "WAIT", "REPEAT"})
_OPERATORS = {"et": "AND", "ou": "OR"}
_SIGNS = {"[": "_OPEN", "]": "_CLOSE", ",": "_COMMA", ":": "_COLON"}
_EVENTS = frozenset({Kind.EVENT})


class Postlexer:
    """Reads the lines of one source."""

    def __init__(self, source: str, catalogue: Catalogue) -> None:
        self._source = source
        self._catalogue = catalogue
        self._first_words = catalogue.first_words()
        self._suggestions = Suggestions(catalogue, source)
        self.diagnostics: list[Diagnostic] = []
        self._before: str | None = None

    def read(self, line: Line) -> None:
        """Fill in the tokens of `line`, and set its keyword for good."""
        if line.too_long:
            self._report(line, "R102", Span(line.start, line.end), _TOO_LONG)
        if not line.lexemes or self._is_then(line):
            return
        self._settle(line)
        last = line.lexemes[-1]
        if last.kind == "!":
            if line.keyword is not None or not self._unknown_header(line):
                self._bad(line, last)
            self._before = line.keyword
            return
        if line.header is not None:
            self._header(line)
        elif line.keyword == "FIELD":
            line.tokens = self._kept(line, read_field(self._source, line))
        elif line.keyword == "LEAD":
            line.tokens = self._kept(line, read_lead(self._source, line))
        elif line.keyword == "PLAY":
            self._play(line)
        elif line.keyword is None:
            self._statement(line)
        else:
            self._keyword(line, line.keyword)
        self._before = line.keyword

    # --- What a line is -----------------------------------------------------------------

    def _is_then(self, line: Line) -> bool:
        """« alors » on its own line, between listed conditions and what follows: an ornament."""
        alone = len(line.lexemes) == 1 and line.lexemes[0].key == "alor"
        if alone and self._before in ("IF", "ELSIF", "ITEM", "AS_SOON"):
            line.keyword = "THEN"
            return True
        return False

    def _settle(self, line: Line) -> None:
        """Drop a final « : » or « alors »; let a phrase that takes the whole line be one."""
        lexemes = line.lexemes
        if line.keyword not in ("FIELD", "LEAD", "PLAY", "LIST", "HEADER") and len(lexemes) > 1:
            while len(lexemes) > 1 and lexemes[-1].key in (":", "alor"):
                lexemes = line.lexemes = lexemes[:-1]
        if line.keyword is None or line.keyword in ("FIELD", "LEAD", "PLAY", "HEADER", "END"):
            return
        if any(lexeme.key in self._first_words for lexeme in lexemes[: line.rest]):
            found = self._catalogue.longest(self._source, lexemes, 0)
            if found is not None and found.end == len(lexemes):
                line.keyword, line.rest = None, 0
                return
        if line.keyword == "WAIT" and line.rest < len(lexemes):
            bound = any(lexeme.key == "plu" for lexeme in lexemes[line.rest :])
            if not bound:
                line.keyword, line.rest = None, 0

    def _statement(self, line: Line) -> None:
        """A line with no keyword: a phrase, an unknown header, or a keyword misspelt."""
        lexemes = line.lexemes
        found = self._catalogue.longest(self._source, lexemes, 0)
        if found is None and self._unknown_header(line):
            return
        if found is None and self._near_keyword(line):
            return
        self._phrase(line, 0, STATEMENTS, whole=True)
        if line.tokens[-1].end < lexemes[-1].end:
            self._too_much(line, 0, STATEMENTS)

    def _unknown_header(self, line: Line) -> bool:
        if line.mode is not Mode.CAMPAIGN:
            return False
        colon = next((i for i, lexeme in enumerate(line.lexemes) if lexeme.key == ":"), None)
        if not colon or colon > 4 or any(lexeme.kind != "w" for lexeme in line.lexemes[:colon]):
            return False
        span = Span(line.lexemes[0].start, line.lexemes[colon - 1].end)
        written = self._source[span.start : span.end]
        close = get_close_matches(fold(written), HEADERS, n=1, cutoff=0.7)
        fixes = (Fix(span, HEADERS[close[0]]),) if close else ()
        known = ", ".join(f"« {name} »" for name in HEADERS.values())
        self._report(
            line,
            "R113",
            span,
            f"L’en-tête {quoted(written)} n’est pas connu."
            f" Les en-têtes d’une campagne sont {known}.",
            fixes,
        )
        line.tokens = [Tok("_BAD", span.start, span.end)]
        return True

    def _near_keyword(self, line: Line) -> bool:
        near = near_keyword(line.lexemes)
        if near is None or self._suggestions.nearest(line.lexemes, STATEMENTS):
            return False
        self._misspelt(line, near.keyword, near.end)
        line.keyword, line.rest = near.terminal, near.end
        self._keyword(line, near.terminal)
        return True

    def _misspelt(self, line: Line, keyword: str, end: int) -> None:
        span = Span(line.lexemes[0].start, line.lexemes[end - 1].end)
        self._report(
            line,
            "R116",
            span,
            f"Je lis {quoted(self._source[span.start : span.end])} ;"
            f" le mot du langage est « {keyword} ».",
            (Fix(span, keyword),),
        )

    # --- Lines that begin with a keyword --------------------------------------------------

    def _keyword(self, line: Line, keyword: str) -> None:
        lexemes = line.lexemes
        if keyword == "SHARE":
            self._argument(line, 0, "SHARE")
            line.rest = next(i for i, x in enumerate(lexemes) if x.key in ("%", "cent")) + 1
            self._arguments(line, keyword, line.rest)
            return
        if line.misspelt:
            self._misspelt(line, CANONICAL[keyword], line.rest)
        begin = lexemes[0].start
        end = lexemes[line.rest - 1].end
        line.tokens = [Tok(keyword, begin, end, shown=CANONICAL[keyword])]
        if keyword in _ASKING:
            self._conditions(line, line.rest)
        elif keyword == "END":
            self._end(line)
        else:
            self._arguments(line, keyword, line.rest)

    def _end(self, line: Line) -> None:
        """« fin », « fin si »: the block it names stands in the token."""
        rest = [lexeme for lexeme in line.lexemes[line.rest :] if lexeme.key]
        if rest and rest[0].key in keywords.CLOSED_BY:
            opener = keywords.CLOSED_BY[rest[0].key]
            line.tokens[0].value = opener
            line.tokens[0].end = rest[0].end
            line.tokens[0].shown = f"fin {keywords.CLOSES[opener][0]}"
            rest = rest[1:]
            if rest and rest[0].kind == "t":  # « fin étape « N » » names the block as well
                rest = rest[1:]
        if rest:
            self._excess(line, rest)

    def _arguments(self, line: Line, keyword: str, index: int) -> None:
        """Names, bounds and signs after a keyword; for « liste », its condition after « : »."""
        lexemes = line.lexemes
        while index < len(lexemes):
            lexeme = lexemes[index]
            bound = self._argument(line, index, keyword) if keyword in _BOUNDED else None
            if bound is not None:
                index = bound
                continue
            if lexeme.kind == "t":
                line.tokens.append(self._name(lexeme, round_ones=keyword == "QUIT"))
                index += 1
                continue
            if lexeme.kind == "p" and lexeme.key in _SIGNS:
                line.tokens.append(self._sign(lexeme))
                index += 1
                if keyword == "LIST" and lexeme.key == ":":
                    self._conditions(line, index)
                    return
                continue
            end = self._argument(line, index, keyword)
            if end is None:
                self._stray(line, keyword, index)
                return
            index = end

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

    def _stray(self, line: Line, keyword: str, index: int) -> None:
        """Words where a name or a bound should be."""
        rest = line.lexemes[index:]
        span = Span(rest[0].start, rest[-1].end)
        written = self._source[span.start : span.end]
        unnamed = all(token.type != "TEXT" for token in line.tokens)
        if keyword in _NAMING and unnamed:
            fix = f"({written})" if keyword == "QUIT" else f"«\u00a0{written}\u00a0»"
            self._report(
                line,
                "R115",
                span,
                f"Ce nom doit être entre guillemets. Écrivez plutôt {CANONICAL.get(keyword, '')}"
                f" {fix}.".replace("  ", " "),
                (Fix(span, fix),),
            )
            line.tokens.append(Tok("TEXT", span.start, span.end, Text(written, span)))
            return
        self._excess(line, rest)

    def _excess(self, line: Line, rest: Sequence[Lexeme]) -> None:
        span = Span(rest[0].start, rest[-1].end)
        self._report(
            line,
            "R111",
            span,
            f"Je ne comprends pas {quoted(self._source[span.start : span.end])} ici.",
        )
        line.tokens.append(Tok("_BAD", span.start, span.end))

    def _header(self, line: Line) -> None:
        name, value = line.lexemes
        start, end = value.start, value.end
        opener = self._source[start : start + 1]
        if end - start > 1 and opener != "(" and closer_of(opener) == self._source[end - 1]:
            start, end = inner(self._source, start, end)
        span = Span(name.start, max(value.end, name.end))
        if start >= end:
            self._report(
                line,
                "R110",
                span,
                f"Il manque la valeur de l’en-tête « {line.header} ».",
            )
        text = Text(self._source[start:end], Span(start, end))
        made = HeaderLine(name.key, text, span)
        shown = f"{line.header} : {self._source[value.start : value.end]}"
        line.tokens = [Tok("HEADER", span.start, span.end, made, shown)]

    # --- Scenario lines -------------------------------------------------------------------

    def _play(self, line: Line) -> None:
        """« [moment,] (Aline) : phrase », « [moment,] vérifier (Aline) : condition »."""
        index = 0
        moment = keywords.MOMENTS.longest(self._source, line.lexemes, 0)
        # A line that begins with « (Aline) » has no moment, although « le » may be left out of one.
        if moment is not None and line.lexemes[0].kind != "t":
            line.tokens.append(self._moment(line, moment))
            index = moment.end
        verifying = False
        while index < len(line.lexemes):
            lexeme = line.lexemes[index]
            if lexeme.kind == "t":
                line.tokens.append(self._name(lexeme, round_ones=True))
            elif lexeme.kind == "p" and lexeme.key in _SIGNS:
                line.tokens.append(self._sign(lexeme))
                if lexeme.key == ":":
                    self._after_colon(line, index + 1, verifying=verifying)
                    return
            elif lexeme.key == "verifier":
                verifying = True
                shown = CANONICAL["VERIFY"]
                line.tokens.append(Tok("VERIFY", lexeme.start, lexeme.end, shown=shown))
            else:
                self._excess(line, line.lexemes[index:])
                return
            index += 1

    def _after_colon(self, line: Line, index: int, *, verifying: bool) -> None:
        if verifying:
            self._conditions(line, index)
        elif index < len(line.lexemes):
            index = self._phrase(line, index, _EVENTS)
            index = self._qualifiers(line, index)
            if index < len(line.lexemes):
                self._too_much(line, index, _EVENTS)

    def _moment(self, line: Line, found: Found[str]) -> Tok:
        got = _by_name(found)
        if found.value == "later":
            made = Moment(later=got["later"].text)
            shown = f"{got['later'].raw} plus tard"
        else:
            at = got.get("at")
            made = Moment(day=got["day"].text, at=at.text if at else None)
            shown = f"le {got['day'].raw}" + (f" à {at.raw}" if at else "")
        token = self._tok("MOMENT", line, 0, found, None, shown)
        token.value = Moment(made.day, made.at, made.later, token.span)
        return token

    # --- Conditions ---------------------------------------------------------------------

    def _conditions(self, line: Line, index: int) -> None:
        """Operands and operators up to the end of the line."""
        lexemes = line.lexemes
        opened = len(line.tokens)
        wanted = True
        while index < len(lexemes):
            lexeme = lexemes[index]
            if lexeme.kind == "p" and lexeme.key in _SIGNS:
                line.tokens.append(self._sign(lexeme))
                wanted = lexeme.key in "[,"
                index += 1
            elif lexeme.kind == "w" and lexeme.key == "non" and wanted:
                line.tokens.append(Tok("NOT", lexeme.start, lexeme.end, shown="non"))
                index += 1
            elif wanted and not (lexeme.kind == "w" and lexeme.key in _OPERATORS):
                index = self._operand(line, index)
                wanted = False
            else:
                after = self._between(line, index)
                if after is None:
                    self._too_much(line, index, DECISIONS)
                    break
                wanted = line.tokens[-1].type in ("AND", "OR")
                index = after
        closing, problems = close_brackets(self._source, line.tokens[opened:])
        line.tokens[opened:] = closing
        problems += mixed_operators(self._source, line.tokens[opened:])
        for problem in problems:
            line.broken = True
            self.diagnostics.append(problem)

    def _operand(self, line: Line, index: int) -> int:
        """A phrase with its qualifiers, « chaque jour… », « à l'étape… », « toutes ces conditions »."""
        if line.keyword == "WAIT_THAT" and line.tokens[-1].type == "_COMMA":
            end = self._argument(line, index, "WAIT_THAT")
            if end is not None:
                return end
        found = keywords.OPERANDS.longest(self._source, line.lexemes, index)
        if found is None:
            return self._phrase(line, index, DECISIONS)
        phrase = self._catalogue.longest(self._source, line.lexemes, index)
        if phrase is not None and phrase.end > found.end:
            return self._phrase(line, index, DECISIONS)
        got = _by_name(found)
        kind = found.value
        if kind in ("all", "any"):
            shown = "toutes ces conditions" if kind == "all" else "au moins une de ces conditions"
            line.tokens.append(self._tok("LISTED", line, index, found, kind, shown))
        elif kind == "EVERY":
            day, at = got.get("day"), got.get("at")
            shown = f"chaque {day.raw if day else 'jour'}" + (f" à {at.raw}" if at else "")
            token = self._tok(kind, line, index, found, None, shown)
            token.value = Every(day.text if day else None, at.text if at else None, token.span)
            line.tokens.append(token)
        else:
            token = self._tok(kind, line, index, found, None, f"à l’étape {got['step'].raw}")
            token.value = AtStepUse(got["step"].text, token.span)
            line.tokens.append(token)
        return found.end

    def _between(self, line: Line, index: int) -> int | None:
        """A qualifier or an operator after an operand; None when it is neither."""
        if line.tokens[-1].type in ("PHRASE", "QUALIFIER"):
            after = self._qualifiers(line, index)
            if after > index:
                return after
        lexeme = line.lexemes[index]
        if lexeme.kind == "w" and lexeme.key in _OPERATORS:
            shown = lexeme.key
            line.tokens.append(Tok(_OPERATORS[lexeme.key], lexeme.start, lexeme.end, shown=shown))
            return index + 1
        return None

    def _qualifiers(self, line: Line, index: int) -> int:
        while index < len(line.lexemes):
            found = keywords.QUALIFIERS.longest(self._source, line.lexemes, index)
            if found is None:
                break
            line.tokens.append(self._qualifier(line, index, found))
            index = found.end
        return index

    def _qualifier(self, line: Line, index: int, found: Found[str]) -> Tok:
        got = _by_name(found)
        raw = {name: captured.raw for name, captured in got.items()}
        kind = found.value
        if kind == "entry":
            shown = "depuis l’entrée"
        elif kind == "step":
            shown = f"depuis l’étape {raw['step']}"
        elif kind == "since":
            delimited = raw["date"][0] in '(«"“'
            shown = f"depuis {raw['date']}" if delimited else f"depuis le {raw['date']}"
        elif kind == "where":
            shown = f"où {raw['field']} {raw['comparator']} {raw['value']}"
        else:
            shown = (
                f"dans les {raw['n']} derniers jours"
                if kind == "last_days"
                else f"au moins {raw['n']} fois"
            )
        token = self._tok("QUALIFIER", line, index, found, None, shown)
        texts = [got[name].text if name in got else None for name in ("field", "comparator")]
        value = next(
            (got[name].text for name in ("value", "n", "date", "step") if name in got), None
        )
        token.value = Qualifier(kind, value, texts[0], texts[1], token.span)
        return token

    # --- Phrases ------------------------------------------------------------------------

    def _phrase(
        self, line: Line, index: int, kinds: frozenset[Kind], *, whole: bool = False
    ) -> int:
        """The phrase at `index`, known or not; the index past it."""
        found = self._catalogue.longest(self._source, line.lexemes, index)
        if found is None:
            return self._unknown(line, index, kinds, whole=whole)
        start = line.lexemes[index].start
        span = Span(start, line.lexemes[found.end - 1].end)
        entry: Entry = found.value
        got = _by_name(found)
        written = entry.canonical.written({name: one.raw for name, one in got.items()})
        slots = tuple((slot.name, got[slot.name].text) for slot in entry.canonical.slots)
        use = PhraseUse(entry.phrase, slots, (), written, span)
        line.tokens.append(Tok("PHRASE", span.start, span.end, use, written))
        return found.end

    def _unknown(self, line: Line, index: int, kinds: frozenset[Kind], *, whole: bool) -> int:
        """Report words that make no phrase, up to where another operand plainly begins."""
        end = len(line.lexemes) if whole else self._end_of_unknown(line.lexemes, index)
        words = line.lexemes[index:end]
        self._add_unknown(line, words, kinds)
        return end

    def _add_unknown(self, line: Line, words: Sequence[Lexeme], kinds: frozenset[Kind]) -> None:
        listed = near_listed(words) if kinds is DECISIONS else None
        if listed is not None:
            span = Span(words[0].start, words[-1].end)
            message = (
                f"Je lis {quoted(self._source[span.start : span.end])} ; écrivez « {listed[0]} »."
            )
            self._report(line, "R116", span, message, (Fix(span, listed[0]),))
            line.tokens.append(Tok("LISTED", span.start, span.end, listed[1], listed[0]))
            return
        diagnostic = self._suggestions.unknown(words, kinds)
        line.broken = True
        self.diagnostics.append(diagnostic)
        span = diagnostic.span
        use = PhraseUse(None, written=self._source[span.start : span.end], span=span)
        line.tokens.append(Tok("PHRASE", span.start, span.end, use, use.written))

    def _end_of_unknown(self, lexemes: Sequence[Lexeme], index: int) -> int:
        for end in range(index + 1, len(lexemes)):
            lexeme = lexemes[end]
            if lexeme.key in ("[", "]"):
                return end
            if lexeme.kind == "w" and lexeme.key in _OPERATORS and self._begins(lexemes, end + 1):
                return end
        return len(lexemes)

    def _begins(self, lexemes: Sequence[Lexeme], index: int) -> bool:
        """Whether an operand begins at `index`."""
        if index >= len(lexemes):
            return False
        if lexemes[index].key in ("non", "["):
            return True
        while index < len(lexemes) and lexemes[index].kind == "w" and not lexemes[index].key:
            index += 1
        return (
            index < len(lexemes)
            and lexemes[index].kind == "w"
            and lexemes[index].key in self._first_words
        )

    def _too_much(self, line: Line, index: int, kinds: frozenset[Kind]) -> None:
        """Words after a phrase: perhaps a longer phrase misspelt, of which the first is a part."""
        last = line.tokens[-1]
        if last.type != "PHRASE" or last.value.phrase is None:
            if not line.broken:
                self._excess(line, line.lexemes[index:])
            return
        start = next(i for i, x in enumerate(line.lexemes) if x.end > last.start)
        after = next(i for i, x in enumerate(line.lexemes) if x.start >= last.end)
        end = self._end_of_unknown(line.lexemes, after)
        words = line.lexemes[start:end]
        foreign = self._suggestions.disabled(words)
        if foreign is not None:
            line.broken = True
            self.diagnostics.append(foreign)
            return
        near = self._suggestions.nearest(words, kinds)
        rest = Span(line.lexemes[after].start, line.lexemes[end - 1].end)
        message = (
            f"Je ne comprends pas {quoted(self._source[rest.start : rest.end])} après"
            f" {quoted(last.value.written)}."
        )
        near = tuple(text for text in near if text != last.value.written)
        if near:
            message += f" Vouliez-vous écrire {' ou '.join(quoted(text) for text in near)} ?"
        whole = Span(last.start, rest.end)
        self._report(line, "R111", rest, message, tuple(Fix(whole, text) for text in near))

    # --- Small things -------------------------------------------------------------------

    def _tok(
        self, kind: str, line: Line, index: int, found: Found[str], value: object, shown: str
    ) -> Tok:
        return Tok(kind, line.lexemes[index].start, line.lexemes[found.end - 1].end, value, shown)

    def _sign(self, lexeme: Lexeme) -> Tok:
        return Tok(_SIGNS[lexeme.key], lexeme.start, lexeme.end, shown=lexeme.key)

    def _name(self, lexeme: Lexeme, *, round_ones: bool) -> Tok:
        held = capture(self._source, lexeme)
        text = held.text.text
        shown = held.raw
        if round_ones and not set(text) & set("()"):
            shown = f"({text})"
        elif not round_ones and "»" not in text and text:
            shown = f"«\u00a0{text}\u00a0»"
        return Tok("TEXT", lexeme.start, lexeme.end, held.text, shown)

    def _kept(self, line: Line, read: tuple[Tok, list[Diagnostic]]) -> list[Tok]:
        token, problems = read
        line.broken = line.broken or bool(problems)
        self.diagnostics += problems
        return [token]

    def _bad(self, line: Line, last: Lexeme) -> None:
        """A sign nobody expects, or a delimiter that nothing closes: the rest is not read."""
        span = Span(last.start, last.end)
        closer = closer_of(last.key)
        if closer is not None:
            held = self._source[last.start : last.end].strip()
            message = f"{quoted(held)} : il manque « {closer} » pour fermer « {last.key} »."
            self._report(line, "R104", span, message)
        else:
            sign = Span(last.start, last.start + 1)
            self._report(line, "R105", sign, f"Le signe « {last.key} » n’a pas sa place ici.")
        line.lexemes = line.lexemes[:-1]
        keyword = line.keyword
        if keyword == "SHARE":
            line.tokens = [Tok(keyword, line.start, line.start, Text("", span))]
        elif keyword is not None and keyword not in ("FIELD", "LEAD", "PLAY"):
            end = line.lexemes[line.rest - 1].end if line.rest else line.start
            line.tokens = [Tok(keyword, line.start, end)]
        line.tokens.append(Tok("_BAD", span.start, span.end))

    def _report(
        self, line: Line, code: str, span: Span, message: str, fixes: tuple[Fix, ...] = ()
    ) -> None:
        """Say what is wrong with a line, unless something was said of it already."""
        if not line.broken or line.too_long:
            self.diagnostics.append(Diagnostic(code, Severity.ERROR, span, message, fixes))
        line.broken = True


_TOO_LONG = "Cette ligne est trop longue (plus de 2 000 caractères) : elle n’a pas été lue."


def _by_name(found: Found[Entry] | Found[str]) -> dict[str, Captured]:
    return {
        slot.name: captured
        for slot, captured in zip(found.variant.slots, found.captured, strict=True)
    }
