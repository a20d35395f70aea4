"""Lines of a scenario: « [moment,] (Aline) : phrase », « [moment,] vérifier (Aline) : condition »."""

from difflib import get_close_matches

from dsl.diagnostics import Fix, Span
from dsl.language.construct import Piece
from dsl.language.fr.constructs import CONSTRUCTS, form
from dsl.phrases.trie import Match, by_name
from dsl.read.conditions import conditions
from dsl.read.keywords import MOMENTS, WORDS, key, written
from dsl.read.phrases import phrase, too_much
from dsl.read.qualifiers import qualifiers
from dsl.read.records import bare_name
from dsl.read.sentence import Sentence, SentenceSource, span_of
from dsl.read.words import is_sign, name, read_as, sign, token
from dsl.text.lexer import keys_of
from dsl.tree.nodes import ScenarioMoment
from dsl.tree.tokens import Token
from relance.phrase import Kind

#: What may follow « vérifier ».
_THAT = keys_of(CONSTRUCTS["VERIFY"].forms[1])[-1]
_EVENTS = frozenset({Kind.EVENT})
_FORM = (
    "Une ligne de scénario s’écrit «\u00a02 jours plus tard, (Aline) : Formulaire (X) rempli\u00a0»"
    " ou «\u00a0vérifier (Aline) : …\u00a0»."
)


def play(source: SentenceSource, at: Sentence) -> Sentence:
    """What happens to a lead, or what is verified of her, at a moment or at once."""
    moment = MOMENTS.longest(source.text, at.lexemes, 0)
    # A line that begins with « (Aline) » has no moment, although « le » may be left out of one.
    if moment is not None and at.next.kind != "t":
        at = at.plus(_moment(at, moment), moment.end)
    while not at.ended:
        lexeme = at.next
        if lexeme.kind == "t":
            at = at.plus(name(source, lexeme, round_ones=True), at.at + 1)
        elif is_sign(lexeme):
            at = at.plus(sign(lexeme), at.at + 1)
            if lexeme.key == ":":
                return _after_colon(source, at)
        elif (verified := _verify(source, at)) is not None:
            at = verified
        else:
            return _no_play(source, at)
    return at


def _moment(at: Sentence, found: Match[Piece]) -> Token:
    got = by_name(found)
    texts = {slot: one.text for slot, one in got.items()}
    span = span_of(at.lexemes[: found.end])
    made = ScenarioMoment(texts.get("day"), texts.get("at"), texts.get("later"), span)
    shown = written(found.value, {slot: one.raw for slot, one in got.items()})
    return token(at, found, made, shown)


def _verify(source: SentenceSource, at: Sentence) -> Sentence | None:
    """« vérifier »; « vérifiez », « vérifie », with a diagnostic."""
    lexeme, word = at.next, form("VERIFY")
    made = Token("VERIFY", lexeme.start, lexeme.end, shown=word)
    if WORDS.get(lexeme.key) != "VERIFY":
        near = get_close_matches(lexeme.key, [key("VERIFY")], cutoff=0.85)
        if lexeme.kind != "w" or not near:
            return None
        at = read_as(source, at, Span(lexeme.start, lexeme.end), word)
    then = at.at + 1
    return at.plus(made, then + (then < len(at.lexemes) and at.lexemes[then].key == _THAT))


def _after_colon(source: SentenceSource, at: Sentence) -> Sentence:
    kinds = {made.type for made in at.tokens}
    if "TEXT" not in kinds:
        message = "Il manque ici le nom du lead, comme «\u00a0(Aline)\u00a0»."
        return at.fault("R110", at.tokens[-1].span, message)
    if "VERIFY" in kinds:
        return conditions(source, at)
    if at.ended:
        return at
    at = qualifiers(source, phrase(source, at, _EVENTS))
    return at if at.ended else too_much(source, at, _EVENTS)


def _no_play(source: SentenceSource, at: Sentence) -> Sentence:
    """Words where a moment, a lead or « : » should be."""
    rest = span_of(at.rest)
    if at.last == "TEXT":
        message = "Il manque le signe «\u00a0:\u00a0» après le nom du lead."
        fix = Fix(Span(at.tokens[-1].end, rest.start), " : ")
        return at.fault("R110", rest, message, (fix,)).bad(rest)
    bare = bare_name(source.text, at.rest)
    if bare is None:
        return at.fault("R110", rest, _FORM).bad(rest)
    fix = Fix(bare.span, f"({bare.text})")
    message = f"Le nom d’un lead se met entre parenthèses. Écrivez plutôt {fix.text}."
    return at.fault("R110", bare.span, message, (fix,)).bad(rest)
