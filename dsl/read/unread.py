"""Lines that end on a sign nobody expects, or on a delimiter that nothing closes."""

from dsl.diagnostics import Fix, Span
from dsl.help.quotation import quoted
from dsl.language.fr.constructs import RECORDS
from dsl.language.lexeme import Lexeme
from dsl.read.sentence import Sentence, SentenceSource
from dsl.read.signs import unexpected
from dsl.text.lexer import closer_of
from dsl.tree.nodes import GivenLead, Text
from dsl.tree.tokens import Token

#: Comments of other languages.
_COMMENTS = ("//", "/*", "--")


def unread(source: SentenceSource, at: Sentence, start: int) -> Sentence:
    """A line whose last lexeme is bad: its construct alone is kept. `start` is where it begins."""
    last = at.lexemes[-1]
    span = Span(last.start, last.end)
    at = _fault(source, at, last)._replace(lexemes=at.lexemes[:-1])
    if at.keyword == "LEAD":  # nobody knows whom it names: no later line is to be blamed for that
        whole = Span(start, span.end)
        empty = GivenLead(Text("", span), (), span)
        return at.plus(Token("LEAD", whole.start, whole.end, empty))
    if at.keyword in ("SHARE", "POINT"):
        at = at.plus(Token(at.keyword, start, start, Text("", span)))
    elif at.keyword is not None and at.keyword not in RECORDS:
        end = at.lexemes[at.at - 1].end if at.at else start
        at = at.plus(Token(at.keyword, start, end))
    return at.bad(span)


def _fault(source: SentenceSource, at: Sentence, last: Lexeme) -> Sentence:
    """What is wrong with it."""
    closer = closer_of(last.key)
    if closer is not None:
        span = Span(last.start, last.end)
        held = quoted(source.said(span).strip())
        message = f"{held} : il manque « {closer} » pour fermer « {last.key} »."
        return at.fault("R104", span, message)
    if source.text.startswith(_COMMENTS, last.start):
        sign = Span(last.start, last.start + 2)
        message = "Un commentaire commence par «\u00a0#\u00a0»."
        return at.fault("R105", sign, message, (Fix(sign, "#"),))
    sign = Span(last.start, last.start + 1)
    return at.fault("R105", sign, *unexpected(source.text, sign, last.end))
