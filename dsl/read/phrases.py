"""Phrases in a line: the longest known one, or words that make none, with what was meant."""

from collections.abc import Sequence

from dsl.diagnostics import Fix, Span
from dsl.help.quotation import quoted
from dsl.help.suggestions import fixes, near_listed, proposed
from dsl.language.lexeme import Lexeme
from dsl.phrases.catalogue import DECISIONS, STATEMENTS, PhraseForm, canonical
from dsl.phrases.composed import takes_fact
from dsl.phrases.trie import Match, by_name
from dsl.read.keywords import LINKS, QUALIFIERS, WORDS
from dsl.read.sentence import Sentence, SentenceSource, span_of
from dsl.read.words import crowded, excess, is_another
from dsl.text.lexer import lex
from dsl.tree.nodes import PhraseUse
from dsl.tree.tokens import Token
from relance.phrase import Kind
from relance.slot import Unreadable


def phrase(
    source: SentenceSource, at: Sentence, kinds: frozenset[Kind], *, whole: bool = False
) -> Sentence:
    """The phrase that begins there, known or not."""
    found = source.phrase(at.lexemes, at.at)
    if found is not None and (opened := _opened(source, at, found)) is not None:
        at = opened
        found = source.phrase(at.lexemes, at.at)
    if found is None:
        return _unknown(source, at, kinds, whole=whole)
    span = Span(at.next.start, at.lexemes[found.end - 1].end)
    refused = _two_ways(source, at, found, span) or _no_event(source, at, found, span)
    if refused is not None:
        return refused.to(found.end)
    written = canonical(found)
    got = by_name(found)
    slots = tuple((slot.name, got[slot.name].text) for slot in found.value.canonical.slots)
    use = PhraseUse(found.value.phrase, slots, (), written, span)
    return at.plus(Token("PHRASE", span.start, span.end, use, written), found.end)


def _none(source: SentenceSource, span: Span) -> Token:
    """A phrase that is none: the parser goes on as if it were one."""
    use = PhraseUse(None, written=source.said(span), span=span)
    return Token("PHRASE", span.start, span.end, use, use.written)


def _opened(source: SentenceSource, at: Sentence, found: Match[PhraseForm]) -> Sentence | None:
    """The line without the parentheses around an event phrase, where one may stand in another."""
    inside = _held(source, at, found)
    event = source.phrase(inside) if inside else None
    if event is None or event.value.phrase.kind is not Kind.EVENT:
        return None
    if event.end < len(inside) and not QUALIFIERS.longest(source.text, inside, event.end):
        return None
    return at._replace(lexemes=[*at.lexemes[: found.end - 1], *inside, *at.lexemes[found.end :]])


def _held(source: SentenceSource, at: Sentence, found: Match[PhraseForm]) -> Sequence[Lexeme]:
    """The words between the parentheses where an event phrase may stand."""
    last = at.lexemes[found.end - 1]
    if last.kind != "t" or not any(map(takes_fact, found.value.phrase.aliases)):
        return ()
    return lex(source.text, last.start + 1, last.end - 1)[0]


def _no_event(
    source: SentenceSource, at: Sentence, found: Match[PhraseForm], span: Span
) -> Sentence | None:
    """What stands for an event is none, with values of its own: no field has any."""
    inside = _held(source, at, found)
    if not any(lexeme.kind == "t" for lexeme in inside):
        return None
    diagnostic = source.suggestions.unknown(inside, frozenset({Kind.EVENT}))
    return at.reported(diagnostic).plus(_none(source, span))


def _two_ways(
    source: SentenceSource, at: Sentence, found: Match[PhraseForm], span: Span
) -> Sentence | None:
    """A value says two things in this writing, which the canonical one would hide."""
    if found.variant.slots == found.value.canonical.slots:
        return None
    asked = {slot.name: slot.type for slot in found.value.canonical.slots}
    for slot, captured in zip(found.variant.slots, found.captured, strict=True):
        if slot.type == asked.get(slot.name, slot.type):
            continue
        read = source.catalogue.slot_types[slot.type].read(captured.text.text)
        if isinstance(read, Unreadable) and read.instead:
            reason = f"{read.reason[:1].upper()}{read.reason[1:]}"
            written = quoted(source.said(span))
            message = f"Dans {written}\u00a0: {reason}. Écrivez {read.instead}."
            return at.fault("R117", span, message).plus(_none(source, span))
    return None


def _unknown(
    source: SentenceSource, at: Sentence, kinds: frozenset[Kind], *, whole: bool
) -> Sentence:
    """Words that make no phrase, up to where another operand plainly begins."""
    end = len(at.lexemes) if whole else _end_of_unknown(source, at.lexemes, at.at)
    words = at.lexemes[at.at : end]
    if kinds is DECISIONS:
        meant = (
            _nearly_listed(source, at, words)
            or _grouped(source, at, words)
            or (excess(source, at, words) if is_another(source, words) else None)
        )
        if meant is not None:
            return meant.to(end)
    diagnostic = source.suggestions.unknown(words, kinds)
    return at.reported(diagnostic).plus(_none(source, diagnostic.span), end)


def _nearly_listed(
    source: SentenceSource, at: Sentence, words: Sequence[Lexeme]
) -> Sentence | None:
    """« tous ces conditions »: read as what opens a list."""
    listed = near_listed(words)
    if listed is None:
        return None
    span = span_of(words)
    message = f"Je lis {quoted(source.said(span))} ; écrivez « {listed[0]} »."
    made = Token("LISTED", span.start, span.end, listed[1], listed[0])
    return at.fault("R116", span, message, (Fix(span, listed[0]),)).plus(made)


def _grouped(source: SentenceSource, at: Sentence, words: Sequence[Lexeme]) -> Sentence | None:
    """Conditions between parentheses: brackets group them, parentheses hold values."""
    first = words[0]
    if first.kind != "t" or source.text[first.start] != "(":
        return None
    held, _ = lex(source.text, first.start + 1, first.end - 1)
    if not held or not _begins(source, held, 0):
        return None
    span = Span(first.start, first.end)
    fix = f"[{source.text[first.start + 1 : first.end - 1].strip()}]"
    message = f"Des conditions se groupent avec des crochets. Écrivez plutôt {quoted(fix)}."
    return at.fault("R114", span, message, (Fix(span, fix),)).plus(_none(source, span))


def _end_of_unknown(source: SentenceSource, lexemes: Sequence[Lexeme], index: int) -> int:
    for end in range(index + 1, len(lexemes)):
        key = lexemes[end].key
        if key in ("[", "]") or (key in LINKS and _begins(source, lexemes, end + 1)):
            return end
    return len(lexemes)


def _begins(source: SentenceSource, lexemes: Sequence[Lexeme], index: int) -> bool:
    """Whether an operand begins at `index`."""
    if index >= len(lexemes):
        return False
    if opens_operand(lexemes[index]):
        return True
    while index < len(lexemes) and lexemes[index].kind == "w" and not lexemes[index].key:
        index += 1
    return (
        index < len(lexemes)
        and lexemes[index].kind == "w"
        and lexemes[index].key in source.first_words
    )


def opens_operand(lexeme: Lexeme) -> bool:
    """Whether a condition goes on, whatever follows: « non », « [ »."""
    return lexeme.key == "[" or WORDS.get(lexeme.key) == "NOT"


def too_much(source: SentenceSource, at: Sentence, kinds: frozenset[Kind]) -> Sentence:
    """Words after a phrase: perhaps a longer phrase misspelt, of which the first is a part."""
    last = at.tokens[-1]
    if last.type != "PHRASE" or last.value.phrase is None:
        return at if at.broken else excess(source, at, at.rest)
    start = next(i for i, x in enumerate(at.lexemes) if x.end > last.start)
    after = next(i for i, x in enumerate(at.lexemes) if x.start >= last.end)
    beyond = at.lexemes[after:]
    if is_another(source, beyond):
        return excess(source, at, beyond)
    end = _end_of_unknown(source, at.lexemes, after)
    words = at.lexemes[start:end]
    diagnostic = source.suggestions.disabled(words) or source.suggestions.unwrapped(words, kinds)
    if diagnostic is not None:
        return at.reported(diagnostic)
    if kinds is STATEMENTS and source.suggestions.nearest(beyond, kinds):
        return crowded(source, at, beyond)
    near = source.suggestions.nearest(words, kinds)
    rest = span_of(at.lexemes[after:end])
    message = f"Je ne comprends pas {quoted(source.said(rest))} après {quoted(last.value.written)}."
    near = tuple(one for one in near if one.text != last.value.written)
    whole = Span(last.start, rest.end)
    return at.fault("R111", rest, message + proposed(near), fixes(near, whole), plain=message)
