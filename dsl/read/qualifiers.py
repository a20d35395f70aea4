"""Qualifiers after an event phrase: « depuis l’entrée », « au moins 3 fois », « où … »."""

from dsl.diagnostics import Fix
from dsl.help.quotation import quoted
from dsl.language.construct import Piece
from dsl.language.fr.particles import THE, WHERE
from dsl.language.fr.qualifier_slips import qualifier_meant
from dsl.phrases.trie import Match, by_name
from dsl.read.keywords import QUALIFIERS, written
from dsl.read.sentence import Sentence, SentenceSource, span_of
from dsl.read.words import token
from dsl.tree.nodes import Qualifier
from dsl.tree.tokens import Token

#: The slots of « où … » that may be written without parentheses, and the type they then have.
_BARE = {"field": "nom nu", "value": "mots"}


def qualifiers(source: SentenceSource, at: Sentence) -> Sentence:
    """As many as there are."""
    while not at.ended:
        found = QUALIFIERS.longest(source.text, at.lexemes, at.at)
        if found is None or _is_or(source, at, found):
            break
        at = at.plus(_qualifier(at, found), found.end)
    return at


def _is_or(source: SentenceSource, at: Sentence, found: Match[Piece]) -> bool:
    """« ou Champ (ville) est vide » is another condition; « où montant > 50 » has its accent."""
    if found.value.name != "where" or source.said(span_of([at.next])).casefold() == WHERE:
        return False
    field = by_name(found)["field"]
    named = field.text.span.start != field.start
    return not named or source.phrase(at.lexemes, at.at + 1) is not None


def _qualifier(at: Sentence, found: Match[Piece]) -> Token:
    got = by_name(found)
    raw = {name: captured.raw for name, captured in got.items()}
    for slot in found.variant.slots:
        held = got[slot.name]
        if slot.type == _BARE.get(slot.name) and held.text.span.start == held.start:
            raw[slot.name] = f"({held.raw})"
    shown = written(found.value, raw)
    if found.value.name == "since" and raw["date"][0] in '(«"“':
        shown = shown.replace(f" {THE} ", " ", 1)
    texts = {name: captured.text for name, captured in got.items()}
    value = next((texts[name] for name in ("value", "n", "date", "step") if name in texts), None)
    span = span_of(at.lexemes[at.at : found.end])
    field, comparator = texts.get("field"), texts.get("comparator")
    return token(at, found, Qualifier(found.value.name, value, field, comparator, span), shown)


def nearly_qualified(source: SentenceSource, at: Sentence) -> Sentence | None:
    """« 3 fois » and the like, where the language has « au moins 3 fois »."""
    meant = qualifier_meant(source.text, at.lexemes, at.at)
    if meant is None:
        return None
    span = span_of(at.lexemes[at.at : meant.end])
    words = quoted(source.said(span))
    if meant.unwrapped:
        code, message = "R202", f"Dans {words}, une valeur n’est pas entre parenthèses."
        plain = f"Je ne connais pas la phrase {words}."
    else:
        code, message = "R111", f"Je ne comprends pas {words} ici."
        plain = message
    message += f" Écrivez plutôt {quoted(meant.text)}."
    fixes = (Fix(span, meant.text, compared=not meant.unwrapped),)
    return at.fault(code, span, message, fixes, plain=plain).to(meant.end)
