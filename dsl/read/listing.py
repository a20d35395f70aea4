"""Conditions listed one a line, whose dash may be left out: which lines belong to the list."""

from dsl.language.construct import Mode
from dsl.phrases.catalogue import DECISIONS, STATEMENTS
from dsl.read.keywords import OPERANDS
from dsl.read.phrases import opens_operand
from dsl.read.sentence import Sentence, SentenceSource

_MODES = frozenset({Mode.CAMPAIGN, Mode.POINTS})


def holds(source: SentenceSource, at: Sentence, mode: Mode, listed: int | None) -> bool:
    """Whether a line which begins with no keyword is a condition of the list under way."""
    if listed is None or at.keyword is not None or mode not in _MODES:
        return False
    first = next((lexeme for lexeme in at.lexemes if lexeme.key), at.lexemes[0])
    if opens_operand(first):
        return True
    if OPERANDS.longest(source.text, at.lexemes, 0) is not None:
        return True
    found = source.phrase(at.lexemes)
    if found is not None:
        return found.value.phrase.kind in DECISIONS
    if source.suggestions.nearest(at.lexemes, STATEMENTS):
        return False
    # The first line has to be a condition; a later one only if it looks like one.
    return not listed or bool(source.suggestions.nearest(at.lexemes, DECISIONS))


def after(listed: int | None, read: Sentence) -> int | None:
    """How many conditions are listed once a line was read; None outside a list."""
    for token in read.tokens:
        if token.type == "LISTED":
            return 0
    if read.keyword == "ITEM" and listed is not None:
        return listed + 1
    return None if read.lexemes else listed
