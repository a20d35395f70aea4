"""Lines to the tokens of the grammar: keywords, phrases, names; every word is accounted for.

Words that mean nothing are reported here, once, and handed to the parser as what was expected
(a phrase that is none), so that one slip is one diagnostic.
"""

import re
from difflib import get_close_matches
from itertools import pairwise, takewhile

from dsl.diagnostics import Diagnostic, Fix, Span
from dsl.help.negation import denies
from dsl.help.quotation import quoted
from dsl.help.suggestions import near_keyword
from dsl.language.fr.keywords import CANONICAL, CLOSES, HEADERS, ONE_LINE
from dsl.phrases.catalogue import STATEMENTS, Catalogue
from dsl.phrases.trie import Found, by_name
from dsl.read import keywords
from dsl.read.lines import Line, Mode
from dsl.read.listing import Listing
from dsl.read.reader import SIGNS
from dsl.read.records import bare_name, read_field, read_lead
from dsl.read.signs import unexpected
from dsl.read.slips import branches
from dsl.read.standing_lines import StandingReader
from dsl.text.lexer import Lexeme, closer_of, inner
from dsl.tree.nodes import GivenLead, HeaderLine, Moment, Text
from dsl.tree.tokens import Token
from relance.fold import fold
from relance.phrase import Kind

_ASKING = frozenset({"WHEN", "IF", "ELSIF", "AS_SOON", "WAIT_THAT"})
_NAMING = ONE_LINE | {
    *("CAMPAIGN", "SCENARIO", "STEP", "GOTO", "SPLIT", "SHARE", "QUIT", "INTEREST", "LINK"),
}
#: Lines whose final « : » says something.
_KEEPS_COLON = ONE_LINE | {"FIELD", "LEAD", "PLAY", "HEADER", "LINK", "DETAIL"}
#: Lines that are never a phrase.
_NO_PHRASE = frozenset({"FIELD", "LEAD", "PLAY", "HEADER", "END", "DETAIL", "POINT", "LINK"})
_BOUNDED = frozenset({"AFTER", "WAIT", "REPEAT"})
_OUTCOME = re.compile(r"^(?:en|avec|par|sur)\s+", re.IGNORECASE)
#: What a « sortir » may be told to be, or be written like.
_OUTCOMES = {
    **dict.fromkeys(("reussite", "succes", "reussi", "reussie"), "réussite"),
    **dict.fromkeys(("echec", "echoue", "echouee"), "échec"),
}
_EVENTS = frozenset({Kind.EVENT})


class Postlexer(StandingReader):
    """Reads the lines of one source."""

    def __init__(self, source: str, catalogue: Catalogue) -> None:
        super().__init__(source, catalogue)
        self._listing = Listing(source, catalogue, self._suggestions)

    def read(self, line: Line, following: Line | None = None) -> None:
        """Fill in the tokens of `line`, and set its keyword for good."""
        self._read(line, following)
        self._listing.follow(line)

    def _read(self, line: Line, following: Line | None) -> None:
        if line.too_long:
            self._report(line, "R102", Span(line.start, line.end), _TOO_LONG)
        if not line.lexemes or self._is_then(line):
            return
        self._following = following
        if line.keyword == "ITEM" and not self._listing.under_way:
            self._undashed(line)
        self._settle(line, following)
        last = line.lexemes[-1]
        if last.kind == "!":
            if self._listing.holds(line):
                line.keyword = "ITEM"
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
        elif line.keyword == "DETAIL":
            self._detail(line)
        elif line.keyword == "POINT":
            self._point(line)
        elif self._listing.holds(line):
            self._item(line, 0)
        elif line.keyword == "ITEM":
            self._item(line, line.rest)
        elif self._lacks_when(line):
            self._when_lacks(line)
        elif line.keyword == "IF" and self._on_one_line(line):
            self._spread(line)
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

    def _settle(self, line: Line, following: Line | None) -> None:
        """Drop a final « : » or « alors »; let a phrase that takes the whole line be one."""
        lexemes = line.lexemes
        if line.keyword not in _KEEPS_COLON and len(lexemes) > 1:
            while len(lexemes) > 1 and lexemes[-1].key in (":", "alor"):
                lexemes = line.lexemes = lexemes[:-1]
        if line.keyword is None or line.keyword in _NO_PHRASE:
            return
        if any(lexeme.key in self._first_words for lexeme in lexemes[: line.rest]):
            found = self._catalogue.longest(self._source, lexemes, 0)
            if found is not None and found.end == len(lexemes):
                line.keyword, line.rest = None, 0
                return
        if line.keyword == "WAIT" and line.rest < len(lexemes):
            keys = [lexeme.key for lexeme in lexemes[line.rest :]]
            bound = ("a", "plu") in pairwise(keys)
            if not (bound or self._bounds(line) or branches(line, following)):
                line.keyword, line.rest = None, 0

    def _bounds(self, line: Line) -> bool:
        """Whether what follows « attendre » is how long it may last."""
        found = keywords.ARGUMENTS["WAIT"].longest(self._source, line.lexemes, line.rest)
        return found is not None and found.end == len(line.lexemes)

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
        known = ", ".join(f"« {name} »" for name in HEADERS.values())
        self._report(
            line,
            "R113",
            span,
            f"L’en-tête {quoted(written)} n’est pas connu."
            f" Les en-têtes d’une campagne sont {known}.",
            fixes,
        )
        line.tokens = [Token("_BAD", span.start, span.end)]
        return True

    def _near_keyword(self, line: Line) -> bool:
        if line.lexemes[0].key == "sortie":
            span = Span(line.lexemes[0].start, line.lexemes[-1].end)
            message = (
                "Dites si cette sortie est une réussite ou un échec\u00a0:"
                f" {quoted('sortie réussie')} ou {quoted('sortie échouée')}."
            )
            fixes = tuple(
                Fix(span, one, compared=True) for one in ("sortie réussie", "sortie échouée")
            )
            self._report(line, "R116", span, message, fixes)
            line.keyword, line.rest = "EXIT_LOST", len(line.lexemes)
            self._keyword(line, "EXIT_LOST")
            return True
        near = near_keyword(line.lexemes)
        if near is None:
            return False
        if not near.sure and self._suggestions.nearest(line.lexemes, STATEMENTS):
            return False
        if near.keyword == CANONICAL["WAIT"] and not branches(line, self._following):
            self._misspelt(line, "Attendre pendant", near.end)
            span = Span(line.lexemes[0].start, line.lexemes[-1].end)
            line.tokens = [Token("_BAD", span.start, span.end)]
            return True
        self._misspelt(line, near.keyword, near.end)
        line.keyword, line.rest = near.terminal, near.end
        self._keyword(line, near.terminal)
        return True

    def _item(self, line: Line, index: int) -> None:
        """A condition of a list, its dash written or not."""
        line.keyword = "ITEM"
        start = line.lexemes[0].start
        end = line.lexemes[index - 1].end if index else start
        line.tokens = [Token("ITEM", start, end, shown=CANONICAL["ITEM"])]
        last = line.lexemes[-1]
        if len(line.lexemes) > index + 1 and last.key in ("et", "ou", ","):
            span = Span(last.start, last.end)
            written = quoted(self._source[last.start : last.end])
            message = (
                f"Dans une liste de conditions, chaque ligne est complète : retirez {written}."
            )
            self._report(line, "R111", span, message, (Fix(span, ""),))
            line.lexemes = line.lexemes[:-1]
        self._conditions(line, index)

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
        line.tokens = [Token(keyword, begin, end, shown=CANONICAL[keyword])]
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
            line.tokens[0].shown = f"fin {CLOSES[opener][0]}"
            rest = rest[1:]
            if rest and opener == "LINK" and rest[0].key == "suivi":
                line.tokens[0].end = rest[0].end
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
                if not line.tokens[-1].value.text:
                    self._report(line, "R110", line.tokens[-1].span, "Ce nom est vide.")
                index += 1
                continue
            if lexeme.kind == "p" and lexeme.key in SIGNS:
                line.tokens.append(self._sign(lexeme))
                index += 1
                if keyword in ONE_LINE and lexeme.key == ":":
                    self._conditions(line, index)
                    return
                if keyword == "LINK" and lexeme.key == ":" and index < len(lexemes):
                    self._link_url(line, lexemes[index])
                    return
                continue
            end = self._argument(line, index, keyword)
            if end is None:
                self._stray(line, keyword, index)
                return
            index = end

    def _stray(self, line: Line, keyword: str, index: int) -> None:
        """Words where a name or a bound should be."""
        rest = line.lexemes[index:]
        lead = keywords.leading(rest)
        if lead is not None and lead[0] in ("WHEN", "AFTER"):
            self._crowded(line, rest)
            return
        if keyword == "AFTER" and rest[0].kind == "n" and len(rest) == 1:
            span = Span(rest[0].start, rest[0].end)
            message = f"Il manque l’unité de temps, comme «\u00a0{rest[0].key} jours\u00a0»."
            self._report(line, "R110", span, message)
            line.tokens.append(Token("_BAD", span.start, span.end))
            return
        if keyword == "WAIT" and self._unbounded(line, rest):
            return
        if keyword in ONE_LINE or keyword == "LINK":
            rest = list(takewhile(lambda lexeme: lexeme.key != ":", rest)) or rest
        elif keyword in _NAMING:
            rest = list(takewhile(lambda lexeme: lexeme.key != ",", rest)) or rest
        span = Span(rest[0].start, rest[-1].end)
        written = self._source[span.start : span.end]
        unnamed = all(token.type != "TEXT" for token in line.tokens)
        if keyword in _NAMING and unnamed:
            meant = get_close_matches(fold(_OUTCOME.sub("", written)), _OUTCOMES, 1, cutoff=0.7)
            if keyword == "QUIT" and not meant:
                self._excess(line, rest)
                return
            fix = f"({_OUTCOMES[meant[0]]})" if keyword == "QUIT" else f"«\u00a0{written}\u00a0»"
            plain = "Ce nom doit être entre guillemets."
            plain = "Je ne connais pas cette façon de sortir." if keyword == "QUIT" else plain
            self._report(
                line,
                "R115",
                span,
                f"Ce nom doit être entre guillemets. Écrivez plutôt {CANONICAL.get(keyword, '')}"
                f" {fix}.".replace("  ", " "),
                (Fix(span, fix, compared=keyword == "QUIT" and not denies(rest)),),
                plain=plain,
            )
            line.tokens.append(Token("TEXT", span.start, span.end, Text(written, span)))
            return
        self._excess(line, rest)

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
                f"Il manque la valeur de l’en-tête « {line.header} ».",
            )
        text = Text(self._source[start:end], Span(start, end))
        made = HeaderLine(name.key, text, span)
        shown = f"{line.header} : {self._source[value.start : value.end]}"
        line.tokens = [Token("HEADER", span.start, span.end, made, shown)]

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
            elif lexeme.kind == "p" and lexeme.key in SIGNS:
                line.tokens.append(self._sign(lexeme))
                if lexeme.key == ":" and all(token.type != "TEXT" for token in line.tokens):
                    message = "Il manque ici le nom du lead, comme «\u00a0(Aline)\u00a0»."
                    self._report(line, "R110", line.tokens[-1].span, message)
                    return
                if lexeme.key == ":":
                    self._after_colon(line, index + 1, verifying=verifying)
                    return
            elif lexeme.key == "verifier" or self._near_verify(line, lexeme):
                verifying = True
                if index + 1 < len(line.lexemes) and line.lexemes[index + 1].key == "que":
                    index += 1
                shown = CANONICAL["VERIFY"]
                line.tokens.append(Token("VERIFY", lexeme.start, lexeme.end, shown=shown))
            else:
                self._no_play(line, index)
                return
            index += 1

    def _no_play(self, line: Line, index: int) -> None:
        """Words where a moment, a lead or « : » should be."""
        rest = Span(line.lexemes[index].start, line.lexemes[-1].end)
        if line.tokens and line.tokens[-1].type == "TEXT":
            before = line.tokens[-1].end
            message = "Il manque le signe «\u00a0:\u00a0» après le nom du lead."
            self._report(line, "R110", rest, message, (Fix(Span(before, rest.start), " : "),))
        elif (bare := bare_name(self._source, line.lexemes[index:])) is not None:
            fix = f"({bare.text})"
            message = f"Le nom d’un lead se met entre parenthèses. Écrivez plutôt {fix}."
            self._report(line, "R110", bare.span, message, (Fix(bare.span, fix),))
        else:
            self._report(line, "R110", rest, _PLAY_FORM)
        line.tokens.append(Token("_BAD", rest.start, rest.end))

    def _after_colon(self, line: Line, index: int, *, verifying: bool) -> None:
        if verifying:
            self._conditions(line, index)
        elif index < len(line.lexemes):
            index = self._phrase(line, index, _EVENTS)
            index = self._qualifiers(line, index)
            if index < len(line.lexemes):
                self._too_much(line, index, _EVENTS)

    def _moment(self, line: Line, found: Found[str]) -> Token:
        got = by_name(found)
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

    def _kept(self, line: Line, read: tuple[Token, list[Diagnostic]]) -> list[Token]:
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
            message = f"{quoted(held)} : il manque « {closer} » pour fermer « {last.key} »."
            self._report(line, "R104", span, message)
        else:
            sign = Span(last.start, last.start + 1)
            if self._source.startswith(("//", "/*", "--"), last.start):
                sign = Span(last.start, last.start + 2)
                message = "Un commentaire commence par «\u00a0#\u00a0»."
                self._report(line, "R105", sign, message, (Fix(sign, "#"),))
            message, fixes = unexpected(self._source, sign, last.end)
            self._report(line, "R105", sign, message, fixes)
        line.lexemes = line.lexemes[:-1]
        keyword = line.keyword
        if keyword in ("SHARE", "POINT"):
            line.tokens = [Token(keyword, line.start, line.start, Text("", span))]
        elif keyword is not None and keyword not in ("FIELD", "LEAD", "PLAY", "DETAIL"):
            end = line.lexemes[line.rest - 1].end if line.rest else line.start
            line.tokens = [Token(keyword, line.start, end)]
        if keyword == "LEAD":  # nobody knows whom it names: no later line is to be blamed for that
            line.tokens = [Token("LEAD", line.start, span.end, GivenLead(Text("", span), (), span))]
            return
        line.tokens.append(Token("_BAD", span.start, span.end))


_PLAY_FORM = (
    "Une ligne de scénario s’écrit «\u00a02 jours plus tard, (Aline) : Formulaire (X) rempli\u00a0»"
    " ou «\u00a0vérifier (Aline) : …\u00a0»."
)
_TOO_LONG = "Cette ligne est trop longue (plus de 2 000 caractères) : elle n’a pas été lue."
