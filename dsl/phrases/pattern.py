"""Phrase patterns: « Lien {link:lien} cliqué [dans courriel {message:courriel}] ».

`{name:type}` is a slot, `[…]` may be left out, `(a|b)` is a choice, any other `(…)` is written
literally in scripts; quotation marks around a slot are an ornament. No regular expression, ever.
"""

import re
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from dsl.language.fr.agreement import agreed, contracted
from dsl.language.fr.fold import PLURAL_MARK
from dsl.text.lexer import lex

MAX_VARIANTS = 256

#: « jour(s) »: no group.
_MARKED = re.compile(rf"[^\W\d_]{PLURAL_MARK}$")
_SLOT = re.compile(r"[\"«“]?\s*\{\s*(\w+)\s*:\s*([^{}]+?)\s*\}\s*[\"»”]?")


class BadPattern(ValueError):
    """A pattern that cannot be read; the message is French, for the plugin's author."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value goes: its name among the arguments of `means`, and how it is read."""

    name: str
    type: str


Piece: TypeAlias = str | Slot
#: A word's key, a slot, or "(" and ")" around a literal parenthesis.
Edge: TypeAlias = str | Slot


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to write a pattern: its pieces as displayed, its edges as matched."""

    pieces: tuple[Piece, ...]
    edges: tuple[Edge, ...]
    #: The slots among them, in order.
    slots: tuple[Slot, ...]

    @property
    def key(self) -> str:
        """What two phrases may not share: words, and « () » for a slot of any type."""
        return " ".join(edge if isinstance(edge, str) else "()" for edge in self.edges)

    def shown(self) -> str:
        """The variant with its slots as « (nom du type) »."""
        return self.written({slot.name: f"({slot.type})" for slot in self.slots})

    def written(self, values: dict[str, str]) -> str:
        """The variant with that text in each slot."""
        text = counted = ""
        for index, piece in enumerate(self.pieces):
            if isinstance(piece, Slot):
                part = values[piece.name]
                counted = part if piece.type in ("durée", "nombre") else ""
            else:
                part = agreed(piece, counted)
                after = self.pieces[index + 1] if index + 1 < len(self.pieces) else ""
                if isinstance(after, Slot) and part.endswith("u"):
                    part = contracted(part, values[after.name])
            if not part:
                continue
            # « il y a plus d’ » is a value: what follows is joined to it, as a comma is.
            joined = not text or text.endswith("’") or part.startswith(",")
            text += part if joined else f" {part}"
        return text.replace("( ", "(").replace(" )", ")")


def expand(pattern: str) -> tuple[Variant, ...]:
    """Every way to write `pattern`, the longest first."""
    sequences, end = _sequence(pattern, 0, "")
    if end != len(pattern):
        raise BadPattern(f"le motif « {pattern} » n’est pas bien formé")
    variants = {_variant(pieces): None for pieces in sequences}
    return tuple(sorted(variants, key=lambda variant: -len(variant.edges)))


def _sequence(pattern: str, position: int, closers: str) -> tuple[list[tuple[Piece, ...]], int]:
    """The ways to write the pattern from `position` up to one of `closers`."""
    ways: list[tuple[Piece, ...]] = [()]
    while position < len(pattern) and pattern[position] not in closers:
        more, position = _item(pattern, position, closers)
        ways = [way + then for way, then in product(ways, more)]
        if len(ways) > MAX_VARIANTS:
            raise BadPattern(f"le motif « {pattern} » peut s’écrire de trop de façons")
    return ways, position


def _item(pattern: str, position: int, closers: str) -> tuple[list[tuple[Piece, ...]], int]:
    slot = _SLOT.match(pattern, position)
    if slot:
        return [(Slot(slot[1], slot[2]),)], slot.end()
    sign = pattern[position]
    if sign == "[":
        inside, end = _closed(pattern, position + 1, "]")
        return [*inside, ()], end
    if sign == "(" and (position == 0 or not pattern[position - 1].isalpha()):
        return _parenthesis(pattern, position + 1)
    if sign in "{}])|":
        raise BadPattern(f"le motif « {pattern} » n’est pas bien formé")
    end = position + 1
    while end < len(pattern) and not _stops(pattern, end, closers):
        end += 1
    text = pattern[position:end].strip().replace("'", "’")
    return [(text,) if text else ()], end


def _stops(pattern: str, end: int, closers: str) -> bool:
    sign = pattern[end]
    if sign == "(" and pattern[end - 1].isalpha():
        return False  # « jour(s) »
    if sign == ")" and _MARKED.search(pattern[: end + 1]):
        return False
    return sign in "[](){}|" or sign in closers or bool(_SLOT.match(pattern, end))


def _closed(pattern: str, position: int, closer: str) -> tuple[list[tuple[Piece, ...]], int]:
    inside, end = _sequence(pattern, position, closer)
    if end >= len(pattern):
        raise BadPattern(f"le motif « {pattern} » : il manque « {closer} »")
    return inside, end + 1


def _parenthesis(pattern: str, position: int) -> tuple[list[tuple[Piece, ...]], int]:
    choices, end = _sequence(pattern, position, "|)")
    if end < len(pattern) and pattern[end] == ")":
        return [("(", *way, ")") for way in choices], end + 1
    while end < len(pattern) and pattern[end] == "|":
        more, end = _sequence(pattern, end + 1, "|)")
        choices += more
    if end >= len(pattern):
        raise BadPattern(f"le motif « {pattern} » : il manque « ) »")
    return choices, end + 1


def _variant(pieces: tuple[Piece, ...]) -> Variant:
    edges: list[Edge] = []
    for piece in pieces:
        if isinstance(piece, Slot) or piece in ("(", ")"):
            edges.append(piece)
            continue
        for lexeme in lex(piece, 0, len(piece))[0]:
            if lexeme.kind == "!":
                raise BadPattern(f"« {lexeme.key} » ne peut pas figurer dans un motif")
            if lexeme.key:
                edges.append(lexeme.key)
    slots = tuple(piece for piece in pieces if isinstance(piece, Slot))
    return Variant(pieces, tuple(edges), slots)
