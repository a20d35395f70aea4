"""Lines of « politique », whole: the checker reads what they say."""

from dsl.read.sentence import Sentence, SentenceSource, span_of
from dsl.tree.nodes import PolicyTerm, Text
from dsl.tree.tokens import Token


def term(source: SentenceSource, at: Sentence) -> Sentence:
    """« au plus 3 courriels par 7 jours », its words as written."""
    span = span_of(at.lexemes)
    written = source.said(span)
    made = PolicyTerm(Text(written, span), span)
    return at.plus(Token("TERM", span.start, span.end, made, " ".join(written.split())))
