"""Conditions in a line: operands, operators and brackets."""

import re

from dsl.diagnostics import Span
from dsl.help.quotation import quoted
from dsl.language.construct import Piece
from dsl.language.fr.constructs import form
from dsl.phrases.catalogue import DECISIONS, STATEMENTS
from dsl.phrases.trie import Match, by_name
from dsl.read.brackets import close_brackets, mixed_operators
from dsl.read.keywords import LINKS, MEANT, OPERANDS, WORDS, written
from dsl.read.phrases import opens_operand, phrase, too_much
from dsl.read.qualifiers import nearly_qualified, qualifiers
from dsl.read.sentence import Sentence, SentenceSource, span_of
from dsl.read.words import bound, is_sign, read_as, sign, token
from dsl.tree.nodes import AtStepUse, Every, ExitedUse, MeasureUse, ReachedUse
from dsl.tree.tokens import Token

_ENDS = re.compile(r"[\r\n]")
_LIMIT = "Après cette virgule, j’attends une durée limite, comme « au plus 3 jours »."


def conditions(source: SentenceSource, at: Sentence) -> Sentence:
    """Operands and operators up to the end of the line."""
    opened = len(at.tokens)
    wanted = True
    while not at.ended:
        lexeme = at.next
        if lexeme.key == "," and _linked(at):
            at = at.to(at.at + 1)  # « A, et B »
        elif is_sign(lexeme):
            at = at.plus(sign(lexeme), at.at + 1)
            wanted = lexeme.key in "[,"
        elif wanted and (denied := _denial(source, at)) is not None:
            at = denied
        elif wanted and lexeme.key not in LINKS:
            at = _operand(source, at)
            wanted = False
        elif (linked := _between(source, at)) is not None:
            at = linked
            wanted = at.last in ("AND", "OR")
        else:
            at = too_much(source, at, DECISIONS)
            break
    return _bracketed(source, at, opened)


def _bracketed(source: SentenceSource, at: Sentence, opened: int) -> Sentence:
    """The condition whose tokens begin there, its brackets paired."""
    read = at.tokens[opened:]
    tokens, problems = close_brackets(read)
    problems += mixed_operators(source.text, tokens)
    if tokens is not read:
        at = at._replace(tokens=(*at.tokens[:opened], *tokens))
    return at.reported(*problems)


def _linked(at: Sentence) -> bool:
    """Whether « et » or « ou » follows."""
    after = at.lexemes[at.at + 1 : at.at + 2]
    return bool(after) and after[0].key in LINKS


def _denial(source: SentenceSource, at: Sentence) -> Sentence | None:
    """« non », or « pas » and the like before a condition that is one."""
    lexeme = at.next
    said = WORDS.get(lexeme.key) == "NOT"
    if not said and MEANT.get(lexeme.key) != "NOT":
        return None
    made = Token("NOT", lexeme.start, lexeme.end, None, form("NOT"))
    if said:
        return at.plus(made, at.at + 1)
    if source.phrase(at.lexemes, at.at) is not None:
        return None
    after = at.lexemes[at.at + 1 :]
    if after and (
        opens_operand(after[0])
        or source.phrase(after) is not None
        or OPERANDS.longest(source.text, after, 0) is not None
    ):
        plain = f"Je ne comprends pas {quoted(source.said(made.span))} ici : dites ce qui arrive, ou ce qui est vrai."
        return read_as(source, at, made.span, form("NOT"), plain).plus(made, at.at + 1)
    return None


def _operand(source: SentenceSource, at: Sentence) -> Sentence:
    """A phrase with its qualifiers, « chaque jour… », « à l'étape… », « toutes ces conditions »."""
    if at.keyword == "WAIT_THAT" and at.last == "_COMMA":
        return _limit(source, at)
    found = OPERANDS.longest(source.text, at.lexemes, at.at)
    if found is None:
        return _link_hangs(source, at) or phrase(source, at, DECISIONS)
    known = source.phrase(at.lexemes, at.at)
    if known is not None and known.end > found.end:
        return phrase(source, at, DECISIONS)
    return at.plus(_piece(at, found), found.end)


def _piece(at: Sentence, found: Match[Piece]) -> Token:
    """What stands for a condition without being a phrase."""
    got = by_name(found)
    kind, name = found.value.terminal, found.value.name
    if kind == "LISTED":
        return token(at, found, name, written(found.value, {}))
    shown = written(found.value, {slot: one.raw for slot, one in got.items()})
    texts = {slot: one.text for slot, one in got.items()}
    span = span_of(at.lexemes[at.at : found.end])
    if kind == "EXITED":
        made: object = ExitedUse(name, shown, texts.get("campaign"), span)
    elif kind == "REACHED":
        made = ReachedUse(texts["goal"], shown, texts.get("campaign"), span)
    elif kind == "MEASURE":
        made = MeasureUse(name, shown, span)
    elif kind == "EVERY":
        made = Every(texts.get("day"), texts.get("at"), span)
    else:
        made = AtStepUse(texts["step"], span)
    return token(at, found, made, shown)


def _link_hangs(source: SentenceSource, at: Sentence) -> Sentence | None:
    """« et » at the end of a line, and below it something to do rather than a condition."""
    if at.last not in ("AND", "OR"):
        return None
    link = at.tokens[-1]
    if not _ENDS.search(source.text, link.end, at.next.start):
        return None
    found = source.phrase(at.lexemes, at.at)
    if found is None or found.value.phrase.kind not in STATEMENTS:
        return None
    message = "Il manque une condition à la fin de cette ligne."
    return at.fault("R110", link.span, message).bad(span_of(at.rest))


def _limit(source: SentenceSource, at: Sentence) -> Sentence:
    """« au plus 3 jours » after « attendre que … , »."""
    span = span_of(at.rest)
    limited = bound(source, at, "WAIT_THAT")
    return limited or at.fault("R110", span, _LIMIT).bad(span)


def _between(source: SentenceSource, at: Sentence) -> Sentence | None:
    """A qualifier or an operator after an operand; None when it is neither."""
    if at.last in ("PHRASE", "QUALIFIER"):
        qualified = qualifiers(source, at)
        if qualified.at > at.at:
            return qualified
        if (meant := nearly_qualified(source, at)) is not None:
            return meant
    if at.keyword == "WAIT_THAT":  # « attendre que A au plus 3 jours »: its comma is restored
        place = at.tokens[-1].end
        limited = bound(source, at.plus(Token("_COMMA", place, place, shown=",")), "WAIT_THAT")
        if limited is not None:
            return limited
    return _operator(source, at)


def _operator(source: SentenceSource, at: Sentence) -> Sentence | None:
    lexeme = at.next
    meant = MEANT.get(lexeme.key)
    kind = meant or WORDS.get(lexeme.key)
    if kind not in ("AND", "OR"):
        return None
    if meant is not None:
        span = Span(lexeme.start, lexeme.end)
        at = read_as(source, at, span, form(kind))
    return at.plus(Token(kind, lexeme.start, lexeme.end, shown=form(kind)), at.at + 1)
