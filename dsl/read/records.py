"""Lines that are records: « pointure : nombre » in `champs`, « lead (Aline) : ville (Montréal) »."""

from collections.abc import Sequence
from itertools import takewhile

from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.phrases.trie import capture
from dsl.read.lines import Line
from dsl.text.lexer import Lexeme
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


def _span(line: Line) -> Span:
    return Span(line.lexemes[0].start, line.lexemes[-1].end)


def _wrong(line: Line, form: str) -> list[Diagnostic]:
    return [Diagnostic("R110", Severity.ERROR, _span(line), form)]


def read_field(source: str, line: Line) -> tuple[Token, list[Diagnostic]]:
    """A line of `champs`; the choices of a « choix » stand between parentheses."""
    span = _span(line)
    colon = next((i for i, x in enumerate(line.lexemes) if x.key == ":" and x.kind == "p"), None)
    made = FieldLine(Text("", span), Text("", span), (), span)
    if not colon or colon + 1 >= len(line.lexemes):
        return Token("FIELD", span.start, span.end, made), _wrong(line, _FIELD_FORM)
    name = _words(source, line.lexemes[:colon])
    rest = line.lexemes[colon + 1 :]
    type_end = next((i for i, x in enumerate(rest) if x.kind == "t" or x.key == ":"), len(rest))
    if type_end == 0 or any(x.kind != "t" and x.key not in (":", ",") for x in rest[type_end:]):
        return Token("FIELD", span.start, span.end, made), _wrong(line, _FIELD_FORM)
    slash = " ".join(source[rest[0].start : rest[type_end - 1].end].split())
    kind = Text(slash, Span(rest[0].start, rest[type_end - 1].end))
    texts = [x for x in rest[type_end:] if x.kind == "t"]
    choices = tuple(choice for lexeme in texts for choice in _choices(source, lexeme))
    shown = f"{name.text} : {kind.text}"
    if choices:
        shown += f" ({', '.join(choice.text for choice in choices)})"
    made = FieldLine(name, kind, choices, span)
    return Token("FIELD", span.start, span.end, made, shown), []


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


def read_lead(source: str, line: Line) -> tuple[Token, list[Diagnostic]]:
    """« lead (Aline) : courriel (aline@exemple.ca), date de naissance (1990-02-28) »."""
    span = _span(line)
    lexemes = line.lexemes[line.rest :]
    bare = bare_name(source, lexemes)
    if bare is not None:
        made = GivenLead(bare, (), span)
        fix = f"({bare.text})"
        message = f"Le nom d’un lead se met entre parenthèses. Écrivez plutôt {fix}."
        told = Diagnostic("R110", Severity.ERROR, bare.span, message, (Fix(bare.span, fix),))
        return Token("LEAD", span.start, span.end, made), [told]
    name = capture(source, lexemes[0]).text if lexemes and lexemes[0].kind == "t" else None
    if name is None or (len(lexemes) > 1 and lexemes[1].key != ":"):
        empty = GivenLead(Text("", span), (), span)
        return Token("LEAD", span.start, span.end, empty), _wrong(line, _LEAD_FORM)
    fields: list[tuple[Text, Text]] = []
    shown: list[str] = []
    problems: list[Diagnostic] = []
    words: list[Lexeme] = []
    for lexeme in lexemes[2:]:
        if lexeme.kind == "t" and words:
            held = capture(source, lexeme)
            field = _words(source, words)
            fields.append((field, held.text))
            shown.append(f"{field.text} {held.raw}")
            words = []
        elif lexeme.key == "," and lexeme.kind == "p" and not words:
            continue
        else:
            words.append(lexeme)
    if words:
        problems = _wrong(line, _LEAD_FORM)
    made = GivenLead(name, tuple(fields), span)
    text = f"lead {capture(source, lexemes[0]).raw}" + (f" : {', '.join(shown)}" if shown else "")
    return Token("LEAD", span.start, span.end, made, text), problems
