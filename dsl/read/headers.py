"""Headers of a campaign: « période : du 2026-12-01 au 2026-12-31 », and those nobody knows."""

from difflib import get_close_matches

from dsl.diagnostics import Fix, Span
from dsl.help.quotation import quoted
from dsl.language.construct import Mode
from dsl.language.fr.constructs import CLAUSES, CONSTRUCTS, form
from dsl.language.fr.headers import EXAMPLES, HEADERS
from dsl.read.sentence import Sentence, SentenceSource
from dsl.text.lexer import closer_of, inner
from dsl.tree.nodes import HeaderLine, Text
from dsl.tree.tokens import Token
from relance.fold import fold

#: A name is of so many words at most.
_MOST = 4
#: Folded name of what is followed by « : » in the head of a campaign → its canonical name.
_KNOWN = {fold(name): name for name in HEADERS.values()} | {
    fold(form(one)): form(one) for one in sorted(CLAUSES)
}
#: Those of them that no name stands before the « : » of.
_UNNAMED = {**_KNOWN}
for _clause in CLAUSES:
    if CONSTRUCTS[_clause].named:
        del _UNNAMED[fold(form(_clause))]


def header(source: SentenceSource, at: Sentence, name: str) -> Sentence:
    """The name as it is known, and the value to the letter, without its quotation marks."""
    key, value = at.lexemes
    start, end = value.start, value.end
    opener = source.text[start : start + 1]
    if end - start > 1 and opener != "(" and closer_of(opener) == source.text[end - 1]:
        start, end = inner(source.text, start, end)
    span = Span(key.start, max(value.end, key.end))
    if start >= end:
        example = f" Par exemple : « {name} : {one} »." if (one := EXAMPLES.get(name)) else ""
        at = at.fault("R110", span, f"Il manque la valeur de l’en-tête « {name} ».{example}")
    made = HeaderLine(fold(name), Text(source.text[start:end], Span(start, end)), span)
    shown = f"{name} : {source.text[value.start : value.end]}"
    return at.plus(Token("HEADER", span.start, span.end, made, shown))


def without_colon(source: SentenceSource, at: Sentence) -> Sentence | None:
    """« fuseau », « fuseau Europe/Paris », in the head of a campaign: the name of a header, and no « : »."""
    known = [
        end
        for end in range(1, min(_MOST, len(at.lexemes)) + 1)
        if fold(source.said(_named(at, end))) in HEADERS
    ]
    if not known or any(lexeme.kind != "w" for lexeme in at.lexemes[: known[-1]]):
        return None
    span, whole = _named(at, known[-1]), _named(at, len(at.lexemes))
    name = HEADERS[fold(source.said(span))]
    if whole == span:
        return at.fault("R110", span, _unvalued(name)).bad(span)
    value = source.text[span.end : whole.end].strip()
    fix = Fix(whole, f"{name}\u00a0: {value}", compared=True)
    message = f"Il manque le signe {quoted(':')} après l’en-tête {quoted(name)}."
    return at.fault("R110", whole, message, (fix,)).bad(whole)


def _named(at: Sentence, end: int) -> Span:
    """Where the first words of a line stand."""
    return Span(at.lexemes[0].start, at.lexemes[end - 1].end)


def _unvalued(name: str) -> str:
    """What is said of a header without its value."""
    one = EXAMPLES.get(name)
    example = f" Par exemple : {quoted(f'{name} : {one}')}." if one else ""
    return f"Il manque la valeur de l’en-tête {quoted(name)}.{example}"


def unknown_header(source: SentenceSource, at: Sentence, mode: Mode) -> Sentence | None:
    """A few words and « : » in a campaign, which make no header."""
    if mode is not Mode.CAMPAIGN:
        return None
    colon = next((i for i, lexeme in enumerate(at.lexemes) if lexeme.key == ":"), None)
    if not colon or colon > _MOST or any(lexeme.kind != "w" for lexeme in at.lexemes[:colon]):
        return None
    span = Span(at.lexemes[0].start, at.lexemes[colon - 1].end)
    written = source.said(span)
    close = get_close_matches(fold(written), _UNNAMED, n=1, cutoff=0.7)
    fixes = (Fix(span, _KNOWN[close[0]]),) if close else ()
    known = ", ".join(map(quoted, _KNOWN.values()))
    plain = f"L’en-tête {quoted(written)} n’est pas connu."
    message = f"{plain} Les en-têtes d’une campagne sont {known}."
    return at.fault("R113", span, message, fixes, plain=plain).bad(span)
