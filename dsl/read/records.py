"""Lines that are records: « pointure : nombre » in `champs`, « lead (Aline) : ville (Montréal) »."""

from collections.abc import Sequence
from itertools import takewhile

from dsl.diagnostics import Fix, Span
from dsl.language.fr.constructs import form
from dsl.language.lexeme import Lexeme
from dsl.phrases.trie import Captured, capture
from dsl.read.sentence import Sentence, SentenceSource, span_of
from dsl.tree.nodes import FieldLine, GivenLead, Text
from dsl.tree.tokens import Token

_FIELD_FORM = (
    "Une ligne de « champs » s’écrit « pointure : nombre » ou « taille : choix (S, M, L) »."
)
_LEAD_FORM = "Cette ligne s’écrit « lead (Aline) : courriel (aline@exemple.ca), ville (Montréal) »."


def _words(source: str, lexemes: Sequence[Lexeme]) -> Text:
    """The words of a name, as written, single spaces between them."""
    if len(lexemes) == 1 and lexemes[0].kind == "t":
        return capture(source, lexemes[0]).text
    span = Span(lexemes[0].start, lexemes[-1].end)
    return Text(" ".join(source[span.start : span.end].split()), span)


def field(source: SentenceSource, at: Sentence) -> Sentence:
    """A line of `champs`; the choices of a « choix » stand between parentheses."""
    span = span_of(at.lexemes)
    made = _field(source.text, at.lexemes, span)
    if made is None:
        empty = FieldLine(Text("", span), Text("", span), (), span)
        at = at.fault("R110", span, _FIELD_FORM)
        return at.plus(Token("FIELD", span.start, span.end, empty))
    shown = f"{made.name.text} : {made.type.text}"
    if made.choices:
        shown += f" ({', '.join(choice.text for choice in made.choices)})"
    return at.plus(Token("FIELD", span.start, span.end, made, shown))


def _field(source: str, lexemes: Sequence[Lexeme], span: Span) -> FieldLine | None:
    colon = next((i for i, x in enumerate(lexemes) if x.key == ":" and x.kind == "p"), None)
    if not colon or colon + 1 >= len(lexemes):
        return None
    name = _words(source, lexemes[:colon])
    rest = lexemes[colon + 1 :]
    type_end = next((i for i, x in enumerate(rest) if x.kind == "t" or x.key == ":"), len(rest))
    if type_end == 0 or any(x.kind != "t" and x.key not in (":", ",") for x in rest[type_end:]):
        return None
    slash = " ".join(source[rest[0].start : rest[type_end - 1].end].split())
    kind = Text(slash, Span(rest[0].start, rest[type_end - 1].end))
    texts = [x for x in rest[type_end:] if x.kind == "t"]
    choices = tuple(choice for lexeme in texts for choice in _choices(source, lexeme))
    return FieldLine(name, kind, choices, span)


def _choices(source: str, lexeme: Lexeme) -> list[Text]:
    held = capture(source, lexeme).text
    if source[lexeme.start] != "(":
        return [held]
    found: list[Text] = []
    position = held.span.start
    for part in held.text.split(","):
        text = part.strip()
        start = position + len(part) - len(part.lstrip())
        if text:
            found.append(Text(text, Span(start, start + len(text))))
        position += len(part) + 1
    return found


def bare_name(source: str, lexemes: Sequence[Lexeme]) -> Text | None:
    """The words before « : », where a name between parentheses should be."""
    words = list(takewhile(lambda lexeme: lexeme.kind == "w", lexemes))
    ended = len(words) == len(lexemes) or lexemes[len(words)].key == ":"
    return _words(source, words) if words and ended else None


def lead(source: SentenceSource, at: Sentence) -> Sentence:
    """« lead (Aline) : courriel (aline@exemple.ca), date de naissance (1990-02-28) »."""
    span = span_of(at.lexemes)
    bare = bare_name(source.text, at.rest)
    if bare is not None:
        fix = Fix(bare.span, f"({bare.text})")
        message = f"Le nom d’un lead se met entre parenthèses. Écrivez plutôt {fix.text}."
        at = at.fault("R110", bare.span, message, (fix,))
        return at.plus(Token("LEAD", span.start, span.end, GivenLead(bare, (), span)))
    if at.ended or at.next.kind != "t" or (len(at.rest) > 1 and at.rest[1].key != ":"):
        empty = GivenLead(Text("", span), (), span)
        at = at.fault("R110", span, _LEAD_FORM)
        return at.plus(Token("LEAD", span.start, span.end, empty))
    name = capture(source.text, at.next)
    given, left = _given(source.text, at.rest[2:])
    if left:
        at = at.fault("R110", span, _LEAD_FORM)
    fields = ", ".join(f"{field.text} {value.raw}" for field, value in given)
    shown = f"{form('LEAD')} {name.raw}" + (f" : {fields}" if fields else "")
    made = GivenLead(name.text, tuple((field, value.text) for field, value in given), span)
    return at.plus(Token("LEAD", span.start, span.end, made, shown))


def _given(
    source: str, lexemes: Sequence[Lexeme]
) -> tuple[list[tuple[Text, Captured]], list[Lexeme]]:
    """Fields and their values, and what is left over."""
    given: list[tuple[Text, Captured]] = []
    words: list[Lexeme] = []
    for lexeme in lexemes:
        if lexeme.kind == "t" and words:
            given.append((_words(source, words), capture(source, lexeme)))
            words = []
        elif words or not (lexeme.key == "," and lexeme.kind == "p"):
            words.append(lexeme)
    return given, words
