"""Lines of « lien suivi »: its address, its details, each read to the letter."""

from dsl.diagnostics import Span
from dsl.language.lexeme import Lexeme
from dsl.read.sentence import Sentence, SentenceSource, span_of
from dsl.text.lexer import closer_of, inner
from dsl.tree.nodes import LinkDetail, Text
from dsl.tree.tokens import Token

_FORM = "Une ligne de «\u00a0lien suivi\u00a0» s’écrit «\u00a0source : infolettre\u00a0»."


def address(source: SentenceSource, at: Sentence) -> Sentence:
    """All that is left of the line, as one token: an address holds signs that words do not."""
    text = _undelimited(source.text, at.next)
    made = Token("URL", at.next.start, at.next.end, text, text.text)
    return at.plus(made, len(at.lexemes))


def detail(source: SentenceSource, at: Sentence) -> Sentence:
    """« source : infolettre »."""
    span = span_of(at.lexemes)
    colon = next((i for i, x in enumerate(at.lexemes) if x.kind == "p" and x.key == ":"), None)
    if not colon or colon + 2 != len(at.lexemes):
        made = LinkDetail(Text("", span), Text("", span), span)
        return at.fault("R110", span, _FORM).plus(Token("DETAIL", span.start, span.end, made))
    named = span_of(at.lexemes[:colon])
    name = Text(" ".join(source.said(named).split()), named)
    value = at.lexemes[-1]
    made = LinkDetail(name, _undelimited(source.text, value), span)
    shown = f"{name.text} : {source.said(Span(value.start, value.end))}"
    return at.plus(Token("DETAIL", span.start, span.end, made, shown))


def _undelimited(text: str, lexeme: Lexeme) -> Text:
    """A value, the signs around it taken off."""
    start, end = lexeme.start, lexeme.end
    if end - start > 1 and closer_of(text[start]) == text[end - 1]:
        start, end = inner(text, start, end)
    return Text(text[start:end], Span(start, end))
