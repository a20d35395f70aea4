"""Lines to the tokens of the grammar: keywords, phrases, names; every word is accounted for.

Words that mean nothing are reported here, once, and handed to the parser as what was expected
(a phrase that is none), so that one slip is one diagnostic.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.help.quotation import quoted
from dsl.language.construct import ADDRESS, COLON, Role
from dsl.language.fr.constructs import CLAUSES, CONSTRUCTS, ROWS, form
from dsl.phrases.catalogue import STATEMENTS
from dsl.read import listing
from dsl.read.conditions import conditions
from dsl.read.headers import header, unknown_header, without_colon
from dsl.read.keywords import BOUNDS, LINKS, limit
from dsl.read.lines import Line
from dsl.read.phrases import phrase, too_much
from dsl.read.points import point
from dsl.read.policy_terms import term
from dsl.read.records import field, lead
from dsl.read.scenario_lines import play
from dsl.read.sentence import Around, Sentence, SentenceSource
from dsl.read.slips import (
    branches,
    is_then,
    lacks_when,
    meant_keyword,
    misspelt,
    on_one_line,
    spread,
    undashed,
    when_lacks,
)
from dsl.read.statements import statement
from dsl.read.tracked_links import detail
from dsl.read.unread import unread
from dsl.text.lexer import keys_of
from dsl.tree.tokens import Token

#: Lines whose final « : » says something.
_KEEPS_COLON = frozenset(row.terminal for row in ROWS if COLON in row.takes)
#: Lines that are never a phrase.
_NO_PHRASE = frozenset(
    row.terminal for row in ROWS if row.role in (Role.RECORD, Role.END) or ADDRESS in row.takes
)
#: Lines after which a header of the campaign may come.
_OF_HEAD = CLAUSES | {"CAMPAIGN", "HEADER"}
#: Lines after which « alors » is an ornament.
_BEFORE_THEN = frozenset(CONSTRUCTS["THEN"].within)
_AT_MOST = keys_of(limit(""))
_TOO_LONG = "Cette ligne est trop longue (plus de 2 000 caractères) : elle n’a pas été lue."


def read_tokens(
    source: SentenceSource, lines: Sequence[Line]
) -> tuple[list[Line], list[Diagnostic]]:
    """The lines with their tokens, each with its construct for good; what is wrong with them."""
    diagnostics: list[Diagnostic] = []
    made: list[Line] = []
    below = iter([line for line in lines if line.lexemes or line.too_long][1:])
    around = Around(None, next(below, None))
    for line in lines:
        if line.lexemes or line.too_long:
            read = _sentence(source, line, around)
            diagnostics += read.found
            around = _after(around, line, read, next(below, None))
            line = line.read(read.keyword, read.lexemes, read.tokens, broken=read.broken)
        made.append(line)
    return made, diagnostics


def _after(around: Around, line: Line, read: Sentence, below: Line | None) -> Around:
    """What stands around the next line."""
    if not line.lexemes:
        return Around(around.before, below, around.listed)
    before = around.before if read.keyword == "THEN" else read.keyword
    return Around(before, below, listing.after(around.listed, read))


def _sentence(source: SentenceSource, line: Line, around: Around) -> Sentence:
    """What a line says."""
    at = Sentence(line.lexemes, line.keyword, line.rest)
    if line.too_long:
        span = Span(line.start, line.end)
        return at.reported(Diagnostic("R102", Severity.ERROR, span, _TOO_LONG))
    alone = len(line.lexemes) == 1 and is_then(line.lexemes[0])
    if alone and around.before in _BEFORE_THEN:
        return at.of("THEN", 0)
    if at.keyword == "ITEM" and around.listed is None:
        at = undashed(source, at)
    at = _settled(source, at, line, around)
    listed = listing.holds(source, at, line.mode, around.listed)
    if at.lexemes[-1].kind == "!":
        at = at.of("ITEM", 0) if listed else at
        unknown = unknown_header(source, at, line.mode) if at.keyword is None else None
        return unknown or unread(source, at, line.start)
    if line.header is not None:
        return header(source, at, line.header)
    if at.keyword in _RECORDS:
        return _RECORDS[at.keyword](source, at)
    if listed:
        return _item(source, at.of("ITEM", 0))
    if at.keyword == "ITEM":
        return _item(source, at)
    if lacks_when(source, at, around):
        return when_lacks(source, at)
    if at.keyword == "IF" and on_one_line(source, at, line, around.below):
        return spread(at)
    if at.keyword is None:
        return _unworded(source, at, line, around)
    if at.keyword == "OBJECTIVE" and around.before in _OF_HEAD and at.ended:
        # The header of that name, on its way: what is declared by that word stands in no campaign.
        return without_colon(source, at.of(None, 0)) or statement(source, at, at.keyword)
    if line.misspelt:
        at = misspelt(source, at, form(at.keyword), at.at)
    return statement(source, at, at.keyword or "")


def _settled(source: SentenceSource, at: Sentence, line: Line, around: Around) -> Sentence:
    """Without a final « : » or « alors »; a phrase that takes the whole line is one."""
    lexemes = at.lexemes
    if at.keyword not in _KEEPS_COLON:
        while len(lexemes) > 1 and (lexemes[-1].key == ":" or is_then(lexemes[-1])):
            lexemes = lexemes[:-1]
            at = at._replace(lexemes=lexemes)
    if at.keyword is None or at.keyword in _NO_PHRASE:
        return at
    if any(lexeme.key in source.first_words for lexeme in lexemes[: at.at]):
        found = source.phrase(lexemes)
        if found is not None and found.end == len(lexemes):
            return at.of(None, 0)
    if at.keyword == "WAIT" and not at.ended and not _bounded(source, at):
        return at if branches(line, around.below) else at.of(None, 0)
    return at


def _bounded(source: SentenceSource, at: Sentence) -> bool:
    """Whether what follows « attendre » is how long it may last, or tries to be."""
    if _AT_MOST in set(pairwise(lexeme.key for lexeme in at.rest)):
        return True
    found = BOUNDS["WAIT"].longest(source.text, at.lexemes, at.at)
    return found is not None and found.end == len(at.lexemes)


def _unworded(source: SentenceSource, at: Sentence, line: Line, around: Around) -> Sentence:
    """A line with no keyword: a phrase, an unknown header, or a keyword misspelt."""
    if source.phrase(at.lexemes) is None:
        unknown = unknown_header(source, at, line.mode)
        if unknown is None and around.before in _OF_HEAD:
            unknown = without_colon(source, at)
        if unknown is not None:
            return unknown
        meant = meant_keyword(source, at, line, around)
        if meant is not None:
            return meant if meant.tokens else statement(source, meant, meant.keyword or "")
    at = phrase(source, at, STATEMENTS, whole=True)
    if around.heads and at.found and not any(one.fixes for one in at.found):
        # Not finished perhaps: taken for an action, it would put all that follows out of its place.
        span = at.tokens[-1].span
        return at._replace(tokens=()).bad(span)
    within = at.tokens[-1].end < at.lexemes[-1].end
    return too_much(source, at, STATEMENTS) if within else at


def _item(source: SentenceSource, at: Sentence) -> Sentence:
    """A condition of a list, its dash written or not."""
    start = at.lexemes[0].start
    end = at.lexemes[at.at - 1].end if at.at else start
    at = at.plus(Token("ITEM", start, end, shown=form("ITEM")))
    last = at.lexemes[-1]
    if len(at.lexemes) > at.at + 1 and (last.key in LINKS or last.key == ","):
        span = Span(last.start, last.end)
        written = quoted(source.said(span))
        message = f"Dans une liste de conditions, chaque ligne est complète : retirez {written}."
        at = at.fault("R111", span, message, (Fix(span, ""),))
        at = at._replace(lexemes=at.lexemes[:-1])
    return conditions(source, at)


#: Lines known by their block, and what reads them.
_RECORDS: dict[str | None, Callable[[SentenceSource, Sentence], Sentence]] = {
    "FIELD": field,
    "LEAD": lead,
    "PLAY": play,
    "DETAIL": detail,
    "TERM": term,
    "POINT": point,
}
