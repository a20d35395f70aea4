"""The trie of patterns: the longest phrase that stands at a place, in one walk over its words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from dsl.diagnostics import Span
from dsl.language.fr.bare import BARE, Bare, is_unit, literal, spelled
from dsl.language.lexeme import Lexeme
from dsl.phrases.pattern import Slot, Variant
from dsl.text.lexer import inner, lex
from dsl.tree.nodes import Text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Captured:
    """A slot's text, and the whole stretch it was written in, delimiters included."""

    text: Text
    raw: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A pattern that matched: `end` is the index past its last lexeme."""

    end: int
    value: T
    variant: Variant
    captured: tuple[Captured, ...]


def by_name(found: Match[T]) -> dict[str, Captured]:
    """What stands in each slot of a pattern that matched."""
    slots = zip(found.variant.slots, found.captured, strict=True)
    return {slot.name: captured for slot, captured in slots}


@dataclass(slots=True)
class Node(Generic[T]):
    """A place in the trie."""

    words: dict[str, "Node[T]"] = field(default_factory=dict)
    slots: dict[str, tuple[Bare | None, "Node[T]"]] = field(default_factory=dict)
    ending: tuple[T, Variant] | None = None


class _Way(NamedTuple, Generic[T]):
    """A walk under way; lexemes change when it steps inside a literal parenthesis."""

    node: Node[T]
    lexemes: Sequence[Lexeme]
    at: int
    captured: tuple[Captured, ...]
    #: False after an article was passed over, so that no phrase ends on one.
    arrived: bool = True


class Trie(Generic[T]):
    """Patterns by their words."""

    def __init__(self) -> None:
        self.root: Node[T] = Node()

    def add(self, variant: Variant, value: T, *, open_types: frozenset[str] = frozenset()) -> None:
        """Make `variant` lead to `value`. Slots of `open_types` take any bare literal."""
        node = self.root
        for edge in variant.edges:
            if isinstance(edge, Slot):
                bare = literal if edge.type in open_types else BARE.get(edge.type)
                node = node.slots.setdefault(edge.type, (bare, Node()))[1]
            else:
                node = node.words.setdefault(edge, Node())
        node.ending = (value, variant)

    def longest(self, source: str, lexemes: Sequence[Lexeme], index: int = 0) -> Match[T] | None:
        """The pattern that takes most lexemes from `index` on; a word wins over a slot."""
        best: Match[T] | None = None
        ways = [_Way(self.root, lexemes, index, ())]
        while ways:
            way = ways.pop()
            node, here = way.node, way.at
            if node.ending and way.arrived:
                end = len(lexemes) - (len(way.lexemes) - here)
                if best is None or end > best.end:
                    best = Match(end, *node.ending, way.captured)
            if here < len(way.lexemes):
                _step(source, way, ways)
        return best


def _step(source: str, way: _Way[T], ways: list[_Way[T]]) -> None:
    """Push every way on from `way`, the likeliest last."""
    node, lexemes, index = way.node, way.lexemes, way.at
    lexeme = lexemes[index]
    if lexeme.kind == "w" and not lexeme.key:
        ways.append(_Way(node, lexemes, index + 1, way.captured, arrived=False))
    if node.slots:
        held = capture(source, lexeme) if lexeme.kind == "t" else None
        for name, (bare, then) in node.slots.items():
            if held is not None:
                _delimited(source, way, name, then, held, ways)
            elif bare is not None:
                end = bare(source, lexemes, index)
                if end is not None:
                    start, stop = lexeme.start, lexemes[end - 1].end
                    text = spelled(source, start, stop)
                    taken = Captured(Text(text, Span(start, stop)), text, start, stop)
                    ways.append(_Way(then, lexemes, end, (*way.captured, taken)))
    if lexeme.kind == "t":
        group = node.words.get("(")
        if group is not None and source[lexeme.start] == "(":
            inside, _ = lex(source, lexeme.start + 1, lexeme.end - 1)
            close = Lexeme("p", lexeme.end - 1, lexeme.end, ")")
            spread = [*inside, close, *lexemes[index + 1 :]]
            ways.append(_Way(group, spread, 0, way.captured))
        return
    following = node.words.get(lexeme.key)
    if lexeme.key and following is not None:
        ways.append(_Way(following, lexemes, index + 1, way.captured))


def _delimited(
    source: str, way: _Way[T], name: str, then: Node[T], taken: Captured, ways: list[_Way[T]]
) -> None:
    ways.append(_Way(then, way.lexemes, way.at + 1, (*way.captured, taken)))
    if name in ("durée", "depuis") and is_unit(way.lexemes, way.at + 1):
        unit = way.lexemes[way.at + 1]
        words = source[unit.start : unit.end]
        text = Text(f"{taken.text.text} {words}", Span(taken.text.span.start, unit.end))
        raw = f"{taken.raw} {words}"
        both = Captured(text, raw, taken.start, unit.end)
        ways.append(_Way(then, way.lexemes, way.at + 2, (*way.captured, both)))


def capture(source: str, lexeme: Lexeme) -> Captured:
    """A delimited text; its raw form has no stray spaces, and « » with no-break ones."""
    start, end = inner(source, lexeme.start, lexeme.end)
    text = source[start:end]
    return Captured(
        Text(text, Span(start, end)), requoted(source, lexeme), lexeme.start, lexeme.end
    )


def requoted(source: str, lexeme: Lexeme) -> str:
    """A delimited text in its canonical delimiters: those of the author, “…” and "…" made « … »."""
    left, right = lexeme.start + 1, lexeme.end - 1
    held = source[left:right].strip()
    if source[lexeme.start] == "(":
        return f"({held})"
    if "»" in held and source[lexeme.start] != "«":
        return f"{source[lexeme.start]}{held}{source[lexeme.end - 1]}"
    return f"«\u00a0{held}\u00a0»" if held else "«\u00a0»"
