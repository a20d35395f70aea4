"""Lines that begin with a keyword: what may follow it, and words where a name or a bound should be."""

from collections.abc import Sequence
from itertools import takewhile

from dsl.diagnostics import Fix, Span
from dsl.language.construct import ADDRESS, COLON, NAME, terminals
from dsl.language.fr.constructs import (
    CONSTRUCTS,
    GOALS,
    LITERAL,
    ONE_LINE,
    ROWS,
    RULES,
    closing,
    form,
)
from dsl.language.fr.denial import denies
from dsl.language.fr.outcomes import nearest_outcome
from dsl.language.lexeme import Lexeme
from dsl.read.conditions import conditions
from dsl.read.goals import goal
from dsl.read.keywords import CLOSED_BY, leading
from dsl.read.sentence import Sentence, SentenceSource, span_of
from dsl.read.slips import unbounded
from dsl.read.tracked_links import address
from dsl.read.words import bound, crowded, excess, is_sign, name, quoted_name, sign
from dsl.text.lexer import keys_of
from dsl.tree.nodes import Text
from dsl.tree.tokens import Token
from relance.french import quoted

_ASKING = terminals(row for row in ROWS if row.asks)
#: What has a name, then « : » and what it says.
_SAYING = terminals(row for row in ROWS if row.takes[:2] == (NAME, COLON))
#: What takes a bound and no name: where both may come, the name is looked for first.
_BOUNDED = terminals(row for row in ROWS if row.bound and not row.named and not row.asks)
_ADDRESSED = terminals(row for row in ROWS if ADDRESS in row.takes)


def statement(source: SentenceSource, at: Sentence, keyword: str) -> Sentence:
    """A line whose keyword stands before `at`."""
    if keyword == "SHARE":  # « 50 % »
        shared = bound(source, at, keyword)
        return _arguments(source, shared) if shared is not None else excess(source, at, at.rest)
    at = at.plus(Token(keyword, at.lexemes[0].start, at.before(at.at), None, form(keyword)))
    if keyword in _ASKING:
        return conditions(source, at)
    return _end(source, at) if keyword == "END" else _arguments(source, at)


def _end(source: SentenceSource, at: Sentence) -> Sentence:
    """« fin », « fin si »: the block it names stands in the token."""
    made = at.tokens[0]
    rest = [lexeme for lexeme in at.rest if lexeme.key]  # « fin campagne « N » » says no more
    opener = CLOSED_BY.get(rest[0].key) if rest else None
    if opener is not None:
        keys = keys_of(form(opener))
        count = len(keys) if tuple(x.key for x in rest[: len(keys)]) == keys else 1
        end, shown = rest[count - 1].end, closing(opener)
        made = Token("END", made.start, end, opener, shown)
        rest = rest[count:]
    at = at._replace(tokens=(made,))
    return excess(source, at, rest) if rest else at


def _arguments(source: SentenceSource, at: Sentence) -> Sentence:
    """Names, bounds and signs after a keyword; for « liste », its condition after « : »."""
    keyword = at.tokens[0].type
    while not at.ended:
        lexeme = at.next
        limited = bound(source, at, keyword) if keyword in _BOUNDED else None
        if limited is not None:
            at = limited
        elif lexeme.kind == "t":
            at = _named(source, at)
        elif is_sign(lexeme):
            at = at.plus(sign(lexeme), at.at + 1)
            if lexeme.key == ":" and keyword in LITERAL and not at.ended:
                return _rest(source, at)
            if lexeme.key == ":" and keyword in GOALS:
                return goal(source, at)
            if lexeme.key == ":" and keyword in ONE_LINE:
                return conditions(source, at)
            if lexeme.key == ":" and keyword in _ADDRESSED and not at.ended:
                return address(source, at)
        elif (limited := bound(source, at, keyword)) is not None:
            at = limited
        else:
            return _stray(source, at)
    return _unsaid(at) if keyword in _SAYING else at


def _unsaid(at: Sentence) -> Sentence:
    """« objectif « A » », and nothing after its name."""
    if at.last != "TEXT":
        return at
    name = at.tokens[-1]
    words = f"{form(at.tokens[0].type)} {name.shown}"
    message = f"Il manque ce que dit cette ligne : après {quoted(words)}, écrivez «\u00a0:\u00a0», puis la suite."
    return at.fault("R110", name.span, message).bad(Span(name.end, name.end))


def _rest(source: SentenceSource, at: Sentence) -> Sentence:
    """All that is left of the line, as it is written."""
    span = span_of(at.rest)
    text = source.said(span)
    return at.plus(Token("REST", span.start, span.end, Text(text, span), text), len(at.lexemes))


def _named(source: SentenceSource, at: Sentence) -> Sentence:
    made = name(source, at.next, round_ones=at.tokens[0].type == "QUIT")
    at = at.plus(made, at.at + 1)
    return at if made.value.text else at.fault("R110", made.span, "Ce nom est vide.")


def _stray(source: SentenceSource, at: Sentence) -> Sentence:
    """Words where a name or a bound should be."""
    rest = at.rest
    row = CONSTRUCTS[at.tokens[0].type]
    lead = leading(rest)
    if lead is not None and lead[0] in RULES:
        return crowded(source, at, rest)
    if row.terminal == "AFTER" and rest[0].kind == "n" and len(rest) == 1:
        span = span_of(rest)
        message = f"Il manque l’unité de temps, comme «\u00a0{rest[0].key} jours\u00a0»."
        return at.fault("R110", span, message).bad(span)
    if row.terminal == "WAIT" and (limited := unbounded(source, at)) is not None:
        return limited
    if not row.named:
        return _uncoloned(source, at) if row.one_line else excess(source, at, rest)
    ends = ":" if COLON in row.takes else ","
    rest = list(takewhile(lambda lexeme: lexeme.key != ends, rest)) or rest
    if any(token.type == "TEXT" for token in at.tokens):
        if COLON in row.takes and not any(token.type == "_COLON" for token in at.tokens):
            return _uncoloned(source, at)
        return excess(source, at, rest)
    return _outcome(source, at, rest) if row.terminal == "QUIT" else _unquoted(source, at, rest)


def _uncoloned(source: SentenceSource, at: Sentence) -> Sentence:
    """« exclusion Lead membre de… », « objectif « A » Formulaire… »: the « : » is not there."""
    keyword, before = at.tokens[0].type, at.tokens[-1]
    fix = Fix(Span(before.end, before.end), "\u00a0:")
    shown = before.shown if before.type == "TEXT" else quoted(before.shown)
    message = f"Il manque «\u00a0:\u00a0» entre {shown} et ce qui suit."
    at = at.fault("R110", before.span, message, (fix,))
    at = at.plus(Token("_COLON", before.end, before.end))
    if keyword in LITERAL:
        return _rest(source, at)
    if keyword in GOALS:
        return goal(source, at)
    if keyword in _ADDRESSED:  # without the sign before it, an address is not read as one
        return at.bad(Span(before.end, before.end))
    return conditions(source, at)


def _unquoted(source: SentenceSource, at: Sentence, words: Sequence[Lexeme]) -> Sentence:
    """A name that nothing marks off."""
    span = span_of(words)
    plain = "Ce nom doit être entre guillemets."
    fix = Fix(span, quoted_name(source.said(span)))
    forms = CONSTRUCTS[at.tokens[0].type].forms[:1]
    message = f"{plain} Écrivez plutôt {' '.join((*forms, fix.text))}."
    made = Token("TEXT", span.start, span.end, Text(source.said(span), span))
    return at.fault("R115", span, message, (fix,), plain=plain).plus(made, len(at.lexemes))


def _outcome(source: SentenceSource, at: Sentence, words: Sequence[Lexeme]) -> Sentence:
    """« sortir réussite », « sortir en échec »: a way out that nothing marks off."""
    span = span_of(words)
    written = source.said(span)
    meant = nearest_outcome(written)
    if meant is None:
        return excess(source, at, words)
    fix = Fix(span, f"({meant})", compared=not denies(words))
    message = (
        f"La façon de sortir se met entre parenthèses. Écrivez plutôt {form('QUIT')} {fix.text}."
    )
    plain = "Je ne connais pas cette façon de sortir."
    made = Token("TEXT", span.start, span.end, Text(written, span))
    return at.fault("R115", span, message, (fix,), plain=plain).plus(made, len(at.lexemes))
