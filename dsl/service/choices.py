"""What may be written: words of the structure and phrases, each as its words and slots, and as it is inserted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from dsl.check.lexicon import CAMPAIGN, FIELD, GOAL, STEP, Lexicon
from dsl.language.construct import COLON, CONDITION, NAME, Construct, Piece, Role
from dsl.language.fr.bare import BARE
from dsl.language.fr.constructs import CONSTRUCTS, ROWS, form
from dsl.language.fr.examples import A_NAME, OF_TYPE
from dsl.language.fr.fold import fold_word
from dsl.language.fr.intentions import OF_KIND, OF_ROLE
from dsl.language.fr.pieces import PIECES
from dsl.language.lexeme import Lexeme
from dsl.phrases.catalogue import Catalogue
from dsl.phrases.pattern import Edge, Slot, Variant, expand
from dsl.phrases.words import Words
from dsl.text.lexer import keys_of, lex
from relance.fold import fold
from relance.french import quoted
from relance.phrase import Kind, Phrase

#: What stands in the slots of the pieces of a line: names, by kind.
_NAMED: Final = {"step": STEP, "campaign": CAMPAIGN, "goal": GOAL, "field": FIELD}


@dataclass(frozen=True, slots=True)
class Insertion:
    """A text to insert; `stops` are its stretches to be filled in, from its beginning, in order."""

    text: str
    stops: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that may be written.

    `ways` are the sequences of words and slots it is known by; `what` names what it is (a `Kind`'s
    value, or that of a word) and `intention` what it is for; `kinds` are the kinds of names that its slots hold, by slot.
    """

    label: str
    what: str
    ways: tuple[tuple[Edge, ...], ...]
    insertion: Insertion
    help: str = ""
    example: str = ""
    plugin: str = ""
    phrase: Phrase | None = None
    terminal: str = ""
    #: Which it is of the pieces of its terminal.
    piece: str = ""
    kinds: Mapping[str, str] | None = None
    intention: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """How far the words of a line go in a choice: the edge that comes next, None at its end; the raw
    texts of the slots passed, by name."""

    following: Edge | None
    held: Mapping[str, str]
    passed: int


def fit(source: str, edges: Sequence[Edge], lexemes: Sequence[Lexeme], word: str) -> Fit | None:
    """How `lexemes`, then the beginning of a word, go in those edges; None when they do not."""
    at, passed = 0, 0
    held: dict[str, str] = {}
    while at < len(lexemes):
        lexeme = lexemes[at]
        if passed >= len(edges):
            return None
        edge = edges[passed]
        if isinstance(edge, Slot):
            end = _past(source, edge, lexemes, at)
            if end is None:
                return None
            held[edge.name] = source[lexeme.start : lexemes[end - 1].end]
            at, passed = end, passed + 1
        elif lexeme.kind == "w" and not lexeme.key:
            at += 1
        elif lexeme.key == edge:
            at, passed = at + 1, passed + 1
        else:
            return None
    following = edges[passed] if passed < len(edges) else None
    if word and not (isinstance(following, str) and begins(following, word)):
        return None
    return Fit(following, held, passed)


def _past(source: str, slot: Slot, lexemes: Sequence[Lexeme], at: int) -> int | None:
    if lexemes[at].kind == "t":
        return at + 1
    bare = BARE.get(slot.type)
    return bare(source, lexemes, at) if bare is not None else None


def begins(edge: str, word: str) -> bool:
    """Whether a word, as far as it is typed, begins the word of a pattern."""
    typed = fold(word)
    return edge.startswith(typed) or (bool(typed) and fold_word(word) in ("", edge))


class Repertoire:
    """Everything that one catalogue lets people write."""

    def __init__(self, catalogue: Catalogue, lexicon: Lexicon) -> None:
        self._catalogue, self._lexicon = catalogue, lexicon
        self._words = Words(catalogue)

    @cached_property
    def phrases(self) -> Sequence[Choice]:
        """Every phrase, those that hold another aside: their hosts are too many to choose among."""
        return [self._phrase(one) for one in self._catalogue.phrases.values()]

    @cached_property
    def pieces(self) -> Sequence[Choice]:
        """What stands inside a line besides phrases."""
        return [_piece(one) for one in PIECES if one.patterns]

    @cached_property
    def words(self) -> Mapping[str, Choice]:
        """The words of the structure, by terminal."""
        rows = (row for row in ROWS if row.forms)
        return {row.terminal: _word(row) for row in rows}

    def of_kinds(self, *kinds: Kind) -> list[Choice]:
        """The phrases of these kinds."""
        return [one for one in self.phrases if one.phrase and one.phrase.kind in kinds]

    def read(self, source: str, lexemes: Sequence[Lexeme], index: int) -> tuple[Phrase, int] | None:
        """The longest phrase written there, and where it ends."""
        found = self._catalogue.longest(source, lexemes, index)
        return None if found is None else (found.value.phrase, found.end)

    def filled(self, choice: Choice, held: Mapping[str, str]) -> Insertion:
        """What a choice inserts once some of its slots are filled in already."""
        if choice.phrase is None or not held:
            return choice.insertion
        return self._insertion(choice.phrase, held)

    def _phrase(self, phrase: Phrase) -> Choice:
        patterns = (phrase.pattern, *phrase.aliases)
        ways = dict.fromkeys(way.edges for one in patterns for way in expand(one))
        kinds = {
            name: FIELD if kind.name == FIELD else kind.name
            for name, kind in self._lexicon.slots(phrase).items()
        }
        return Choice(
            label=self._catalogue.shown(phrase),
            what=phrase.kind.value,
            ways=tuple(ways),
            insertion=self._insertion(phrase, {}),
            help=phrase.help,
            example=phrase.example,
            plugin=self._catalogue.plugin_of(phrase),
            phrase=phrase,
            kinds=kinds,
            intention=OF_KIND[phrase.kind],
        )

    def _insertion(self, phrase: Phrase, held: Mapping[str, str]) -> Insertion:
        """The writing of its example, its values to be filled in."""
        example = phrase.example
        found = self._catalogue.longest(example, lex(example, 0, len(example))[0], 0)
        values: dict[str, str] = {}
        if found is not None:
            for slot, captured in zip(found.variant.slots, found.captured, strict=True):
                values[slot.name] = captured.text.text
        names = values.keys() | held.keys()
        variant = _shortest(phrase, names) or expand(phrase.pattern)[0]
        wraps = self._words.wrapping(phrase)
        return _marked(variant, values, held, wraps, self._lexicon.slots(phrase))


def _shortest(phrase: Phrase, names: frozenset[str] | set[str]) -> Variant | None:
    ways = [expand(one) for one in (phrase.pattern, *phrase.aliases)]
    for way in ways:
        same = [one for one in way if {slot.name for slot in one.slots} == names]
        if same:
            return same[-1]
    return next((one for one in chain(*ways) if {s.name for s in one.slots} >= names), None)


def _marked(
    variant: Variant,
    values: Mapping[str, str],
    held: Mapping[str, str],
    wraps: Mapping[str, tuple[str, str]],
    types: Mapping[str, object],
) -> Insertion:
    """A writing with marks about what is to be filled in, then without them."""
    texts: dict[str, str] = {}
    for slot in variant.slots:
        if slot.name in held:
            texts[slot.name] = held[slot.name]
            continue
        before, after = wraps.get(slot.name, ("(", ")"))
        reference = getattr(types.get(slot.name), "reference", True)
        shown = slot.type if reference or slot.name not in values else values[slot.name]
        texts[slot.name] = f"{before}{_OPEN}{shown}{_CLOSE}{after}"
    return unmarked(variant.written(texts))


_OPEN, _CLOSE = "\ue000", "\ue001"


def marked(text: str) -> str:
    """A stretch to be filled in, within a text that `unmarked` reads."""
    return f"{_OPEN}{text}{_CLOSE}"


def unmarked(text: str) -> Insertion:
    """The text without its marks, and the stretches they were about."""
    plain = ""
    stops: list[tuple[int, int]] = []
    start = 0
    for char in text:
        if char == _OPEN:
            start = len(plain)
        elif char == _CLOSE:
            stops.append((start, len(plain)))
        else:
            plain += char
    return Insertion(plain, tuple(stops))


def _piece(piece: Piece) -> Choice:
    ways = [way for pattern in piece.patterns for way in expand(pattern)]
    first = expand(piece.patterns[0])[-1]
    texts = {slot.name: _in_piece(slot) for slot in first.slots}
    text = first.written(texts)
    return Choice(
        label=unmarked(text).text,
        what=piece.what,
        ways=tuple(dict.fromkeys(way.edges for way in ways)),
        insertion=unmarked(text),
        terminal=piece.terminal,
        piece=piece.name,
        kinds={slot.name: _NAMED.get(slot.name, slot.type) for way in ways for slot in way.slots},
        intention=piece.intention,
    )


def _in_piece(slot: Slot) -> str:
    if slot.name in ("step", "goal"):
        return quoted(marked(A_NAME))
    if slot.type in BARE:
        return marked(OF_TYPE.get(slot.type, slot.type))
    return f"({marked(OF_TYPE.get(slot.type, A_NAME))})"


def _word(row: Construct) -> Choice:
    text = row.form
    if NAME in row.takes:
        text += f" {quoted(marked(A_NAME))}" if row.terminal != "QUIT" else ""
    if COLON in row.takes:
        text += "\u00a0: "
    elif CONDITION in row.takes:
        text += " "
    return Choice(
        label=unmarked(text).text.strip(),
        what=row.what or OF_ROLE[row.role][0],
        ways=tuple(keys_of(one) for one in row.forms),
        insertion=unmarked(text),
        help=row.misplaced,
        terminal=row.terminal,
        intention=row.intention or OF_ROLE[row.role][1],
    )


def within(opener: str) -> Iterator[str]:
    """The words that part the body of a block."""
    for row in ROWS:
        if opener in row.within and row.forms and row.role in (Role.PART, Role.BRANCH):
            yield row.terminal


def statements() -> list[str]:
    """The words that begin a statement."""
    return [row.terminal for row in ROWS if row.role is Role.STATEMENT]


def end_of(opener: str) -> str:
    """What closes a block."""
    return form("END") if CONSTRUCTS[opener].closes else ""
