"""Lines of « pointage » and « intérêt »: « +5 quand … »."""

import re
from difflib import get_close_matches

from dsl.diagnostics import Fix, Span
from dsl.language.fr.constructs import CONSTRUCTS, form
from dsl.language.fr.particles import POINTS
from dsl.read.conditions import conditions
from dsl.read.keywords import key
from dsl.read.sentence import Sentence, SentenceSource, span_of
from dsl.read.words import read_as
from dsl.tree.nodes import Text
from dsl.tree.tokens import Token

_FORM = "Une ligne de points s’écrit «\u00a0+5 quand Formulaire (X) rempli\u00a0»."


def point(source: SentenceSource, at: Sentence) -> Sentence:
    """« +5 quand … », its sign and its number as written: the checker reads them."""
    if not at.at:
        at = _lost_when(source, at)
        if not at.at:
            return _no_point(at)
    word = form("WHEN")
    when = next(i for i in range(at.at - 1, -1, -1) if at.lexemes[i].key)
    start = at.lexemes[0].start
    change = Text("", Span(start, start))
    if when:
        counted = when > 1 and at.lexemes[when - 1].key == POINTS
        span = Span(start, at.lexemes[when - 1 - counted].end)
        change = Text(re.sub(r"^([-+=−]) ", r"\1", " ".join(source.said(span).split())), span)
    else:
        message = f"Dites combien de points donner ou retirer : « +5 {word} … »."
        at = at.fault("R110", Span(start, at.lexemes[when].end), message)
    shown = f"{change.text} {word}".strip()
    made = Token("POINT", start, at.lexemes[at.at - 1].end, change, shown)
    return conditions(source, at.plus(made))


def _lost_when(source: SentenceSource, at: Sentence) -> Sentence:
    """« +5 quadn Formulaire (X) rempli »: up to where the condition begins, if it can be found."""
    first = next((i for i, x in enumerate(at.lexemes) if x.kind == "w"), None)
    if first is None:
        return at
    lexeme = at.lexemes[first]
    word = form("WHEN")
    if lexeme.key == key("IF") or get_close_matches(
        lexeme.key, CONSTRUCTS["WHEN"].forms, cutoff=0.75
    ):
        return read_as(source, at, Span(lexeme.start, lexeme.end), word).to(first + 1)
    if source.phrase(at.lexemes, first) is not None:
        colon = first and at.lexemes[first - 1].key == ":"
        here = Span(at.lexemes[first - 1].start if colon else lexeme.start, lexeme.start)
        message = f"Il manque le mot « {word} » après les points."
        return at.fault("R110", span_of(at.lexemes), message, (Fix(here, f"{word} "),))
    return at


def _no_point(at: Sentence) -> Sentence:
    span = span_of(at.lexemes)
    empty = Token("POINT", span.start, span.start, Text("", Span(span.start, span.start)))
    return at.fault("R110", span, _FORM).plus(empty).bad(span)
