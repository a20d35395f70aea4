"""What every kind of line is made of: names, signs, bounds, and words that are one too many."""

from collections.abc import Sequence

from dsl.diagnostics import Fix, Span
from dsl.help.quotation import quoted
from dsl.language.construct import Piece
from dsl.language.fr.constructs import STATEMENTS
from dsl.language.lexeme import Lexeme
from dsl.phrases.catalogue import STATEMENTS as DOING
from dsl.phrases.trie import Match, capture
from dsl.read.keywords import BOUNDS, WORDS, leading, written
from dsl.read.sentence import Sentence, SentenceSource, span_of
from dsl.tree.nodes import Text
from dsl.tree.tokens import Token

SIGNS = {"[": "_OPEN", "]": "_CLOSE", ",": "_COMMA", ":": "_COLON"}


def is_sign(lexeme: Lexeme) -> bool:
    """Whether a lexeme is a sign of the language."""
    return lexeme.kind == "p" and lexeme.key in SIGNS


def sign(lexeme: Lexeme) -> Token:
    """« [ », « ] », « , » or « : »."""
    return Token(SIGNS[lexeme.key], lexeme.start, lexeme.end, shown=lexeme.key)


def name(source: SentenceSource, lexeme: Lexeme, *, round_ones: bool) -> Token:
    """A name, which is shown « so », or (so)."""
    held = capture(source.text, lexeme)
    text = held.text.text
    shown = held.raw
    if round_ones and not set(text) & set("()"):
        shown = f"({text})"
    elif not round_ones and "»" not in text and text:
        shown = quoted_name(text)
    return Token("TEXT", lexeme.start, lexeme.end, held.text, shown)


def quoted_name(text: str) -> str:
    """« text », whole."""
    return f"«\u00a0{text}\u00a0»"


def token(
    sentence: Sentence, found: Match[Piece], value: object, shown: str, kind: str | None = None
) -> Token:
    """The token of a piece found where the sentence goes on."""
    end = sentence.lexemes[found.end - 1].end
    return Token(kind or found.value.terminal, sentence.next.start, end, value, shown)


def bound(source: SentenceSource, sentence: Sentence, keyword: str) -> Sentence | None:
    """The bound that may follow a keyword: « au plus 3 jours », « 2 fois au plus »; None without."""
    trie = BOUNDS.get(keyword)
    found = trie.longest(source.text, sentence.lexemes, sentence.at) if trie else None
    if found is None:
        return None
    held = {slot.name: one for slot, one in zip(found.variant.slots, found.captured, strict=True)}
    shown = written(found.value, {name: one.raw for name, one in held.items()})
    span = span_of(sentence.lexemes[sentence.at : found.end])
    text = next((one.text for one in held.values()), Text("", span))
    return sentence.plus(token(sentence, found, text, shown), found.end)


def read_as(
    source: SentenceSource, sentence: Sentence, span: Span, word: str, plain: str | None = None
) -> Sentence:
    """Words read as one of the language's, with a diagnostic; `plain`: where that word is refused."""
    message = f"Je lis {quoted(source.said(span))} ; le mot du langage est «\u00a0{word}\u00a0»."
    return sentence.fault("R116", span, message, (Fix(span, word),), plain=plain)


def excess(source: SentenceSource, sentence: Sentence, rest: Sequence[Lexeme]) -> Sentence:
    """Words nothing expects."""
    if is_another(source, rest):
        return crowded(source, sentence, rest)
    span = span_of(rest)
    message = f"Je ne comprends pas {quoted(source.said(span))} ici."
    return sentence.fault("R111", span, message).bad(span)


def crowded(source: SentenceSource, sentence: Sentence, rest: Sequence[Lexeme]) -> Sentence:
    """A second thing to do on the same line."""
    span = span_of(rest)
    first = rest[1] if _joins(rest[0]) and len(rest) > 1 else rest[0]
    written = quoted(source.said(Span(first.start, span.end)))
    message = f"Écrivez une seule chose par ligne\u00a0: mettez {written} à la ligne suivante."
    return sentence.fault("R111", span, message).bad(span)


def is_another(source: SentenceSource, words: Sequence[Lexeme]) -> bool:
    """Whether words begin, after « , » or « et », with another action or statement."""
    rest = words[1:] if _joins(words[0]) else words
    if not rest:
        return False
    found = source.phrase(rest)
    if found is not None and found.value.phrase.kind in DOING:
        return True
    lead = leading(rest)
    return lead is not None and lead[0] in STATEMENTS


def _joins(lexeme: Lexeme) -> bool:
    return lexeme.key == "," or WORDS.get(lexeme.key) == "AND"
