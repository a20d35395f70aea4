"""Messages written in place of their name: a phrase, then the text itself, up to a « fin ».

    Envoyer courriel « Votre essai, {{ prénom }} »
      Bonjour {{ prénom }},

      [Choisir une date](https://www.exemple.ca/essai)
    fin

The text is no script: it is taken out before lines are read, to the letter but for its indentation.
It stands further in than its phrase, and the « fin » below it where the phrase does; after a « : »
it may stand anywhere, up to the first « fin ».
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsl.diagnostics import Span
from dsl.language.fr.bare import percentage
from dsl.language.fr.constructs import form
from dsl.language.fr.particles import OF_THE
from dsl.language.lexeme import Lexeme
from dsl.phrases.catalogue import Catalogue
from dsl.phrases.trie import capture
from dsl.read.keywords import leading
from dsl.text.lexer import lex
from dsl.text.physical import column, physical
from relance.fold import fold
from relance.phrase import Kind
from relance.slot import SlotType

#: What a name stands between when it may be the words of a message.
_QUOTES = '«"“'
#: What ends a line of a text, and none of a script: « sinon : » ends as « Voici : » does.
_PROSE = ".,;!?…"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message written in a script. Lines are counted from 1; `last` holds the « fin ».

    `words` stand in place of its name, `text` is what follows, its common indentation taken off.
    """

    slot_type: SlotType
    words: str
    text: str
    line: int
    last: int
    span: Span
    closed: bool = True


@dataclass(frozen=True, slots=True)
class _Head:
    slot_type: SlotType
    words: str
    #: Whether a « : » says that the text follows.
    announced: bool


def letters(source: str, catalogue: Catalogue) -> tuple[Letter, ...]:
    """Every message written in a script."""
    if not catalogue.in_place:
        return ()
    return tuple(_letters(source, list(physical(source)), catalogue))


def _letters(
    source: str, lines: Sequence[tuple[int, int]], catalogue: Catalogue
) -> Iterator[Letter]:
    at = 0
    while at < len(lines):
        start, end = lines[at]
        head = None
        if any(sign in source[start:end] for sign in _QUOTES):
            head = _head(source, start, end, catalogue)
        found = None if head is None else _found(source, lines, at, head, catalogue)
        if found is not None:
            yield found
            at = found.last
        else:
            at += 1


def _head(source: str, start: int, end: int, catalogue: Catalogue) -> _Head | None:
    """What a line writes in place, if it is a phrase that ends with such words."""
    lexemes, _ = lex(source, start, end)
    announced = bool(lexemes) and lexemes[-1].key == ":"
    if announced:
        lexemes = lexemes[:-1]
    if not lexemes or not _quoted(source, lexemes[-1]):
        return None
    found = catalogue.longest(source, lexemes, 0)
    if found is None or found.end != len(lexemes) or not found.variant.slots:
        return None
    slot_type = catalogue.slot_types[found.variant.slots[-1].type]
    if slot_type.in_place is None or found.value.phrase.kind is not Kind.ACTIVITY:
        return None
    return _Head(slot_type, capture(source, lexemes[-1]).text.text, announced)


def _quoted(source: str, lexeme: Lexeme) -> bool:
    return lexeme.kind == "t" and source[lexeme.start] in _QUOTES


def _found(
    source: str, lines: Sequence[tuple[int, int]], at: int, head: _Head, catalogue: Catalogue
) -> Letter | None:
    """The message that begins at that line; None when it is but named there."""
    own = column(source, *lines[at])
    end, what = form("END"), fold(head.slot_type.name)
    closers = (end, f"{end} {what}", f"{end} {OF_THE} {what}")
    below = range(at + 1, len(lines))
    written = [one for one in below if source[slice(*lines[one])].strip()]
    inside = bool(written) and column(source, *lines[written[0]]) > own
    if not head.announced and not (inside and _is_text(source, lines, written, catalogue)):
        return None
    last = None
    for one in written:
        closing = fold(source[slice(*lines[one])]) in closers
        if inside and column(source, *lines[one]) <= own:
            last = one if closing and column(source, *lines[one]) == own else None
            if last is None and head.announced:
                return _letter(source, lines, head, at, one, closed=False)
            break
        if not inside and closing:
            last = one
            break
    if last is not None:
        return _letter(source, lines, head, at, last)
    return _letter(source, lines, head, at, at + 1, closed=False) if head.announced else None


def _is_text(
    source: str,
    lines: Sequence[tuple[int, int]],
    written: Sequence[int],
    catalogue: Catalogue,
) -> bool:
    """Whether what stands further in is a text: not statements, nor remarks, laid out so.

    Indentation means nothing to a script. Its first line that is no remark (« # ») says it.
    """
    for one in written:
        lexemes, _ = lex(source, *lines[one])
        if lexemes:
            if source[slice(*lines[one])].rstrip()[-1] in _PROSE:
                return True
            found = catalogue.longest(source, lexemes, 0)
            whole = found is not None and found.end == len(lexemes)
            return not whole and leading(lexemes) is None and not _is_share(source, lexemes)
    return False


def _is_share(source: str, lexemes: Sequence[Lexeme]) -> bool:
    """« 50 % », « 50 % « Avec rabais » : »; « 50 % de rabais » is a text."""
    end = percentage(source, lexemes, 0)
    if end is None:
        return False
    named = [one for one in lexemes[end:] if one.key != ":"]
    return not named or (len(named) == 1 and named[0].kind == "t")


def _letter(
    source: str,
    lines: Sequence[tuple[int, int]],
    head: _Head,
    at: int,
    end: int,
    *,
    closed: bool = True,
) -> Letter:
    """`end` is the index of the « fin », or of the first line past the text where there is none."""
    texts = [source[slice(*lines[one])].rstrip() for one in range(at + 1, end)]
    last = end if closed else max(at, end - 1)
    span = Span(lines[at][0], lines[last][1])
    text = "\n".join(_dedented(texts))
    return Letter(head.slot_type, head.words, text, at + 1, last + 1, span, closed)


def _dedented(texts: Sequence[str]) -> list[str]:
    """Without the indentation they share; a tab counts for four."""
    wide = [one.replace("\t", "    ") if one[:1].isspace() else one for one in texts]
    shared = min((len(one) - len(one.lstrip()) for one in wide if one), default=0)
    return [one[shared:] for one in wide]
