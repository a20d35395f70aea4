"""Lines that say one thing for another: read as what was meant, with one diagnostic that says what to write."""

from collections.abc import Sequence

from dsl.diagnostics import Fix, Span
from dsl.help.quotation import quoted
from dsl.help.suggestions import near_keyword
from dsl.language.fr.bare import duration
from dsl.language.fr.constructs import RULES, SECTIONS, form, parts_of
from dsl.language.fr.particles import OF_LIMIT
from dsl.language.fr.values import duration as read_duration
from dsl.language.lexeme import Lexeme
from dsl.phrases.catalogue import DECISIONS, STATEMENTS
from dsl.phrases.trie import capture
from dsl.read.conditions import conditions
from dsl.read.keywords import WORDS, key, leading, limit
from dsl.read.lines import Line
from dsl.read.sentence import Around, Sentence, SentenceSource, span_of
from dsl.read.words import is_another
from dsl.tree.nodes import Text
from dsl.tree.tokens import Token
from relance.values import Duration

#: What at the same indent shows that a « si » opens a block.
_OF_IF = parts_of("IF") | {"END", "ITEM"}
#: What begins a branch of a wait, or is written for it.
_OF_WAIT = parts_of("WAIT") | {"WHEN"}
#: After these, a line is a condition of a section of the head.
_OF_HEAD = SECTIONS | RULES


def undashed(source: SentenceSource, at: Sentence) -> Sentence:
    """« - Envoyer courriel (X) », outside any list of conditions: the dash is one too many."""
    rest = at.rest
    found = leading(rest)
    if found is None and not (rest and is_another(source, rest)):
        return at
    dash = Span(at.lexemes[0].start, at.lexemes[0].end)
    message = (
        f"Le signe {quoted(source.said(dash))} ne précède que les conditions"
        " d’une liste\u00a0: retirez-le."
    )
    fix = Fix(Span(dash.start, rest[0].start), "")
    keyword, index = found or (None, 0)
    return Sentence(rest, keyword, index).fault("R105", dash, message, (fix,))


def on_one_line(source: SentenceSource, at: Sentence, line: Line, below: Line | None) -> bool:
    """« si X : Changer pointage (+1) », with no block below that the « si » would open."""
    if below is not None and below.indent > line.indent:
        return False
    if below is not None and below.indent == line.indent and below.keyword in _OF_IF:
        return False
    return any(
        (lexeme.key in (":", ",") or is_then(lexeme))
        and index + 1 < len(at.lexemes)
        and is_another(source, at.lexemes[index + 1 :])
        for index, lexeme in enumerate(at.lexemes)
    )


def is_then(lexeme: Lexeme) -> bool:
    """Whether it is « alors », an ornament."""
    return WORDS.get(lexeme.key) == "THEN"


def spread(at: Sentence) -> Sentence:
    """What to say of a « si » on one line."""
    span = span_of(at.lexemes)
    message = (
        f"Un {quoted(form('IF'))} s’écrit sur plusieurs lignes\u00a0: la condition, puis ce qu’il faut faire, une"
        f" chose par ligne, puis {quoted(form('END'))}."
    )
    return at.of(None, 0).fault("R111", span, message).bad(span)


def lacks_when(source: SentenceSource, at: Sentence, around: Around) -> bool:
    """Whether a line is a condition of « entrée », or of an exit, without its « quand »."""
    if around.before in SECTIONS and at.keyword in ("IF", "AS_SOON"):
        return True
    if at.keyword is not None or around.before not in _OF_HEAD:
        return False
    found = source.phrase(at.lexemes)
    return found is not None and found.value.phrase.kind in DECISIONS


def when_lacks(source: SentenceSource, at: Sentence) -> Sentence:
    """What to say of it, and its condition."""
    word = form("WHEN")
    start = at.lexemes[0].start
    span = Span(start, at.lexemes[at.at - 1].end if at.at else start)
    message = f"Sous « entrée » et les sorties, chaque condition commence par {quoted(word)}."
    fix = Fix(span, word if at.at else f"{word} ")
    shown = span if at.at else span_of(at.lexemes)
    made = Token("WHEN", span.start, span.end, shown=word)
    at = at.of("WHEN", at.at).fault("R109", shown, message, (fix,))
    return conditions(source, at.plus(made))


def misspelt(source: SentenceSource, at: Sentence, word: str, end: int) -> Sentence:
    """The first words of a line, read as those of a construct."""
    span = span_of(at.lexemes[:end])
    fixes: tuple[Fix, ...] = (Fix(span, word, compared=True),)
    hint = ""
    if word == form("REPEAT") and all(x.kind != "n" for x in at.lexemes):
        # « tant que … » has no bound to keep: only its author knows how many times.
        fixes, hint = (), f" Dites combien de fois\u00a0: {quoted(f'{word} … fois au plus')}."
    written = quoted(source.said(span))
    message = f"Je lis {written} ; le mot du langage est « {word} ».{hint}"
    plain = f"Je ne comprends pas {written}.{hint}"
    return at.fault("R116", span, message, fixes, plain=plain)


def meant_keyword(
    source: SentenceSource, at: Sentence, line: Line, around: Around
) -> Sentence | None:
    """The construct that a line which makes no phrase was to be; a stretch read as nothing where
    a phrase was meant."""
    if at.lexemes[0].key == key("EXIT_WON"):
        return _unclear_exit(at)
    near = near_keyword(at.lexemes)
    if near is None:
        return None
    if not near.sure and source.suggestions.nearest(at.lexemes, STATEMENTS):
        return None
    if near.keyword == form("WAIT") and not branches(line, around.below):
        return misspelt(source, at, "Attendre pendant", near.end).bad(span_of(at.lexemes))
    return misspelt(source, at, near.keyword, near.end).of(near.terminal, near.end)


def _unclear_exit(at: Sentence) -> Sentence:
    """« sortie », which says neither a success nor a failure."""
    span = span_of(at.lexemes)
    forms = form("EXIT_WON"), form("EXIT_LOST")
    message = (
        "Dites si cette sortie est une réussite ou un échec\u00a0:"
        f" {quoted(forms[0])} ou {quoted(forms[1])}."
    )
    fixes = tuple(Fix(span, one, compared=True) for one in forms)
    return at.fault("R116", span, message, fixes).of("EXIT_LOST", len(at.lexemes))


def unbounded(source: SentenceSource, at: Sentence) -> Sentence | None:
    """« attendre 3 jours » above branches: how long such a block may last is said with « au plus »."""
    rest = at.rest
    for index in range(len(rest)):
        end = duration(source.text, rest, index)
        text = source.text[rest[index].start : rest[(end or index + 1) - 1].end]
        if end is None and rest[index].kind == "t":
            text = capture(source.text, rest[index]).text.text
            end = index + 1 if isinstance(read_duration(text), Duration) else None
        if end is not None and not _said_more([*rest[:index], *rest[end:]]):
            span = span_of(rest)
            fix = limit(text)
            message = f"La limite d’un bloc « attendre » s’écrit {quoted(fix)}."
            made = Token("ATMOST", span.start, span.end, Text(text, span))
            return at.fault("R111", span, message, (Fix(span, fix),)).plus(made, len(at.lexemes))
    return None


def _said_more(words: Sequence[Lexeme]) -> bool:
    """Whether what stands around a duration says something of it: « plus de », « avant (fin) »."""
    return any(word.key and word.key not in OF_LIMIT for word in words)


def branches(line: Line, below: Line | None) -> bool:
    """Whether the line below, further in, begins a branch of a wait."""
    return below is not None and below.indent > line.indent and below.keyword in _OF_WAIT
