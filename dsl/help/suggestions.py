"""What an author may have meant: the nearest phrases, with the author's own values put back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.help.fidelity import keeps, read_phrase
from dsl.help.quotation import quoted
from dsl.help.unwrapped import Unwrapped
from dsl.help.wording import WHERE_TO_LOOK, did_you_mean
from dsl.language.construct import Role
from dsl.language.fr.bare import BARE, literal, spelled
from dsl.language.fr.constructs import ROWS, form
from dsl.language.fr.denial import SAME, affirmed
from dsl.language.fr.pieces import PIECES
from dsl.language.fr.synonyms import FILLERS, content_words
from dsl.language.lexeme import Lexeme
from dsl.phrases.catalogue import DECISIONS, Catalogue, Writing, canonical
from dsl.phrases.pattern import Slot
from dsl.phrases.trie import capture, requoted
from dsl.text.lexer import keys_of
from relance.phrase import Kind
from relance.slot import Unreadable

#: Looking for a near phrase costs a pass over the catalogue: enough for a file, not for an attack.
MAX_SEARCHES = 40
_MAX_KEY = 200
#: How like the author's words a phrase must be to be compared with them, and how many are.
_NEAR = 0.6
_MAX_COMPARED = 24

#: Words of other languages and near misses no distance finds → what they are meant for.
_MEANT = tuple(
    (keys_of(words), row) for row in ROWS if row.role is not Role.WORD for words in row.meant
)
#: What a line is compared with: canonical words, their construct, whether they take the whole line.
_LIKENED = tuple((words, row, whole) for row in ROWS for words, whole in row.likened)
_LISTED = tuple(piece for piece in PIECES if piece.terminal == "LISTED")


def key_of_words(lexemes: Sequence[Lexeme]) -> str:
    """The key an author's words make, to compare with those of phrases."""
    return " ".join(
        "()" if lexeme.kind == "t" else SAME if lexeme.key == "=" else lexeme.key
        for lexeme in lexemes
        if lexeme.key or lexeme.kind == "t"
    )


@dataclass(frozen=True, slots=True)
class NearPhrase:
    """A phrase like the author's words, with the author's values."""

    text: str
    #: Whether the author gave each of its values: else « (type) » stands there.
    whole: bool
    #: How many small words it has that the author did not write, or the other way round.
    apart: int = 0


class Suggestions:
    """The nearest phrases of a catalogue, for one file."""

    def __init__(self, catalogue: Catalogue, source: str) -> None:
        self._catalogue = catalogue
        self._source = source
        self._unwrapped = Unwrapped(catalogue, source)
        self._searches = 0

    def unknown(self, lexemes: Sequence[Lexeme], kinds: frozenset[Kind]) -> Diagnostic:
        """The diagnostic of words that make no phrase."""
        span = Span(lexemes[0].start, lexemes[-1].end)
        written = self._source[span.start : span.end]
        foreign = self.disabled(lexemes)
        if foreign is not None:
            return foreign
        unwrapped = self.unwrapped(lexemes, kinds)
        if unwrapped is not None:
            return unwrapped
        plain = message = f"Je ne connais pas la phrase {quoted(written)}."
        near = self._meant(lexemes, kinds)
        denied = None if near and near[0].whole else self._denied(lexemes, kinds)
        if denied is not None:
            message += f" Une condition se nie par {quoted(form('NOT'))} : {quoted(denied.text)}."
            near = (denied,)
        else:
            message += proposed(near) or WHERE_TO_LOOK
        return Diagnostic("R201", Severity.ERROR, span, message, fixes(near, span), plain=plain)

    def _meant(self, lexemes: Sequence[Lexeme], kinds: frozenset[Kind]) -> tuple[NearPhrase, ...]:
        """The phrases like these words; where none has every value, one whose values stand bare."""
        near = self.nearest(lexemes, kinds)
        if (near and near[0].whole) or self._searches >= MAX_SEARCHES:
            return near
        fixed = self._unwrapped.slipped(lexemes, kinds)
        return (NearPhrase(fixed, whole=True),) if fixed else near

    def unwrapped(self, lexemes: Sequence[Lexeme], kinds: frozenset[Kind]) -> Diagnostic | None:
        """The diagnostic of words that make a phrase once its values are between parentheses."""
        return self._unwrapped.diagnostic(lexemes, kinds)

    def _denied(self, lexemes: Sequence[Lexeme], kinds: frozenset[Kind]) -> NearPhrase | None:
        """The condition that was denied in the author's words, « non » before it."""
        rest = affirmed(lexemes) if kinds & DECISIONS else None
        if rest is None:
            return None
        found = self._catalogue.longest(self._source, rest, 0)
        if found is not None and found.end == len(rest) and found.value.phrase.kind in kinds:
            meant = f"{form('NOT')} {canonical(found)}"
            kept = keeps(self._catalogue, self._source, lexemes, meant, kinds)
            return NearPhrase(meant, whole=True) if kept else None
        fixed = self._unwrapped.fixed(rest, kinds)
        if fixed is not None:
            return NearPhrase(f"{form('NOT')} {fixed}", whole=True)
        near = self.nearest(rest, kinds)
        return (
            NearPhrase(f"{form('NOT')} {near[0].text}", whole=True)
            if near and near[0].whole
            else None
        )

    def disabled(self, lexemes: Sequence[Lexeme]) -> Diagnostic | None:
        """The diagnostic of words that make a phrase of a plugin that is not enabled."""
        found = self._catalogue.longest_disabled(self._source, lexemes, 0)
        if found is None or found.end < len(lexemes):
            return None
        span = Span(lexemes[0].start, lexemes[-1].end)
        return Diagnostic(
            "R203",
            Severity.ERROR,
            span,
            f"La phrase {quoted(self._source[span.start : span.end])} vient de l’extension"
            f" « {found.value.plugin} », qui n’est pas activée dans ce projet.",
        )

    def nearest(self, lexemes: Sequence[Lexeme], kinds: frozenset[Kind]) -> tuple[NearPhrase, ...]:
        """At most three phrases like these words, the likeliest first."""
        key = self._key(lexemes)[:_MAX_KEY]
        if self._searches >= MAX_SEARCHES or not key:
            return ()
        self._searches += 1
        given = key.count("()")
        texts = sum(lexeme.kind == "t" for lexeme in lexemes)
        scored = sorted(
            (
                (score - 0.1 * abs(len(writing.variant.slots) - given), index)
                for index, writing in enumerate(self._catalogue.writings)
                if writing.entry.phrase.kind in kinds
                # A phrase with no place for what the author named is not what was meant.
                and len(writing.variant.slots) >= texts
                and (score := _likeness(key, writing.key)) >= _NEAR
            ),
            key=lambda pair: (-pair[0], pair[1]),
        )
        words = content_words(lexeme.key for lexeme in lexemes if lexeme.kind == "w")
        said = [
            (1.0, index)
            for index in self._catalogue.by_words.get(words, ())
            if self._catalogue.writings[index].entry.phrase.kind in kinds
        ]
        found: dict[str, NearPhrase] = {}
        best: float | None = None
        for score, index in (*said, *scored[:_MAX_COMPARED]):
            if best is not None and score < best - 0.12:
                break
            writing = self._catalogue.writings[index]
            one = self._filled(writing, lexemes, kinds)
            if one is not None:
                best = score if best is None else best
                found.setdefault(writing.entry.phrase.id, one)
        near = list(found.values())
        # With a phrase that holds every value, those that lack one only distract.
        if any(one.whole for one in near):
            # « Changer pointage +5 » is not « Changer le pointage à 5 »: a small word tells them apart.
            least = min(one.apart for one in near if one.whole)
            near = [one for one in near if one.whole and one.apart == least]
        return tuple(near[:3])

    def _key(self, lexemes: Sequence[Lexeme]) -> str:
        """The key of an author's words, « () » for a text and for a value written bare."""
        if any(lexeme.kind == "t" for lexeme in lexemes):
            return key_of_words(lexemes)
        words: list[str] = []
        index = 0
        while index < len(lexemes):
            end = literal(self._source, lexemes, index) if lexemes[index].kind != "w" else None
            words.append("()" if end else lexemes[index].key)
            index = end or index + 1
        return " ".join(filter(None, words))

    def _filled(
        self, writing: Writing, lexemes: Sequence[Lexeme], kinds: frozenset[Kind]
    ) -> NearPhrase | None:
        """A writing with the author's values in its slots, in order, else the slot's type; None
        when it would not say what the author wrote."""
        values: dict[str, str] = {}
        lacking: list[str] = []
        position = 0
        for slot in writing.variant.slots:
            for index in range(position, len(lexemes)):
                end = self._value_end(slot, lexemes, index)
                if end is not None:
                    start, stop = lexemes[index].start, lexemes[end - 1].end
                    written = lexemes[index].kind == "t"
                    values[slot.name] = (
                        requoted(self._source, lexemes[index])
                        if written
                        else _lower(spelled(self._source, start, stop))
                    )
                    position = end
                    break
            else:
                values[slot.name] = f"({slot.type})"
                lacking.append(slot.name)
        compared = writing.variant.written(values)
        offered = writing.entry.canonical.written(values)
        kept = keeps(
            self._catalogue, self._source, lexemes, compared, kinds, frozenset(lacking)
        ) and read_phrase(self._catalogue, offered, kinds)
        return NearPhrase(offered, not lacking, _apart(writing, lexemes)) if kept else None

    def _value_end(self, slot: Slot, lexemes: Sequence[Lexeme], index: int) -> int | None:
        if lexemes[index].kind == "t":
            held = capture(self._source, lexemes[index]).text.text
            read = self._catalogue.slot_types[slot.type].read(held)
            return None if isinstance(read, Unreadable) else index + 1
        bare = BARE.get(slot.type)
        return bare(self._source, lexemes, index) if bare else None


def _apart(writing: Writing, lexemes: Sequence[Lexeme]) -> int:
    """How many small words one says and the other does not."""
    small = Counter(one.key for one in lexemes if one.key in FILLERS)
    its_own = Counter(one for one in writing.variant.edges if one in FILLERS)
    return sum(((small - its_own) + (its_own - small)).values())


def _lower(value: str) -> str:
    """« Plus de 50 points »: what began a line no longer does."""
    return value[0].lower() + value[1:]


def proposed(near: Sequence[NearPhrase]) -> str:
    """The end of a message that proposes these phrases; empty without any.

    A phrase that lacks a value is shown as the model it is: as such it would be refused.
    """
    whole = [one.text for one in near if one.whole]
    if whole:
        return did_you_mean(whole)
    models = " ou ".join(quoted(one.text) for one in near)
    return f" Il manque une valeur\u00a0: la phrase s’écrit {models}." if models else ""


def fixes(near: Sequence[NearPhrase], span: Span) -> tuple[Fix, ...]:
    """What one click may write: a phrase that lacks a value would only be another error, or worse,
    a rule about a field named « champ »."""
    return tuple(Fix(span, one.text, compared=True) for one in near if one.whole)


@lru_cache(maxsize=8_192)
def _likeness(key: str, other: str) -> float:
    matcher = SequenceMatcher(None, key, other, autojunk=False)
    if matcher.real_quick_ratio() < _NEAR or matcher.quick_ratio() < _NEAR:
        return 0.0
    return matcher.ratio()


@dataclass(frozen=True, slots=True)
class Near:
    """A keyword that words at the beginning of a line are a misspelling or a translation of."""

    keyword: str
    terminal: str
    #: Index past the words.
    end: int
    #: Several words, all but right: no phrase is likelier.
    sure: bool = False


def near_keyword(lexemes: Sequence[Lexeme]) -> Near | None:
    """The keyword a line was meant to begin with."""
    first = lexemes[0]
    if first.kind != "w":
        return None
    for keys, row in _MEANT:
        end = _words_end(lexemes, len(keys))
        if end and tuple(x.key for x in lexemes[:end] if x.key) == keys:
            return Near(row.form, row.terminal, end, sure=True)
    best: tuple[float, Near] | None = None
    for words, row, whole in _LIKENED:
        keys = keys_of(words)
        end = _words_end(lexemes, len(keys))
        if end is None or (whole and end < len(lexemes)):
            continue
        read = [x.key for x in lexemes[:end] if x.key]
        if not all(map(_alike, read, keys)):
            continue
        score = _likeness(" ".join(read), " ".join(keys))
        needed = 0.82 if len(keys) > 1 or len(keys[0]) > 4 else 0.88
        if score >= needed and (best is None or score > best[0]):
            best = score, Near(words, row.terminal, end, len(keys) > 1 and score >= 0.9)
    return best[1] if best else None


@lru_cache(maxsize=65_536)
def _alike(word: str, other: str) -> bool:
    """Whether one word may be a slip for the other."""
    return abs(len(word) - len(other)) <= 2 and SequenceMatcher(None, word, other).ratio() >= 0.6


def _words_end(lexemes: Sequence[Lexeme], count: int) -> int | None:
    """The index past the first `count` words, articles aside; None if they are not all words."""
    for index, lexeme in enumerate(lexemes):
        if lexeme.kind != "w":
            return None
        count -= bool(lexeme.key)
        if not count:
            return index + 1
    return None


def near_listed(lexemes: Sequence[Lexeme]) -> tuple[str, str] | None:
    """« toutes ces conditions » or its like, misspelt: its writing and its value."""
    if any(lexeme.kind != "w" for lexeme in lexemes):
        return None
    key = key_of_words(lexemes)
    for piece in _LISTED:
        words = piece.patterns[0]
        if _likeness(key, " ".join(keys_of(words))) >= 0.82:
            return words, piece.name
    return None
