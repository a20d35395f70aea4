"""What follows the « : » of a goal: its condition, then « cible 25 % », « fenêtre 3 jours »…"""

from collections.abc import Sequence

from dsl.diagnostics import Span
from dsl.language.fr.goals import DETAILS, KIND
from dsl.language.lexeme import Lexeme
from dsl.read.conditions import conditions
from dsl.read.sentence import Sentence, SentenceSource, span_of
from dsl.read.words import sign
from dsl.tree.nodes import GoalDetail, Text
from dsl.tree.tokens import Token
from relance.french import quoted


def goal(source: SentenceSource, at: Sentence) -> Sentence:
    """The condition, which ends where a comma stands before one of the details; then these."""
    whole = at.lexemes
    end = _next(whole, at.at)
    at = conditions(source, at._replace(lexemes=whole[:end]))._replace(lexemes=whole)
    if at.at < end or at.last == "_BAD":
        return at.to(len(whole))
    while not at.ended:
        at = _detail(source, at)
    return at


def _next(lexemes: Sequence[Lexeme], start: int) -> int:
    """Where the next comma before a detail stands; the end when there is none."""
    for at in range(start, len(lexemes) - 1):
        if lexemes[at].key == "," and lexemes[at + 1].key in DETAILS:
            return at
    return len(lexemes)


def _detail(source: SentenceSource, at: Sentence) -> Sentence:
    """« , cible 25 % »."""
    comma, word = at.lexemes[at.at : at.at + 2]
    end = _next(at.lexemes, at.at + 1)
    value = at.lexemes[at.at + 2 : end]
    if value and value[0].key == ":":
        value = value[1:]
    name = DETAILS[word.key]
    if not value:
        span = Span(word.start, word.end)
        return at.fault("R110", span, f"Il manque ce qui suit {quoted(name)}.").bad(span)
    span = span_of(value)
    text = " ".join(source.said(span).split())
    shown = f"{name} : {text}" if name == KIND else f"{name} {text}"
    made = GoalDetail(name, Text(text, span), Span(word.start, span.end))
    at = at.plus(sign(comma))
    return at.plus(Token("GOAL_DETAIL", word.start, span.end, made, shown), end)
